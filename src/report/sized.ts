import type { Dataset } from '../design.ts';

/** A directory counts itself, so that there are no entries only where nobody looked. */
export const isSized = ({ files }: Pick<Dataset, 'files'>): boolean => files > 0;
