import { sourceRoot } from './names.ts';
import { sh } from './shell.ts';

/** In the source's folder of ours: its own data from before a rollback brought back the target's. */
export const keptOwn = 'own';

/** Removes the source's folder of ours, all but its own data. */
export const removeRootScript = (
  migration: string,
): string => sh`find ${sourceRoot(migration)} -mindepth 1 -maxdepth 1 ! -name ${keptOwn} -exec rm -rf {} +
rmdir ${sourceRoot(migration)} 2>/dev/null || :`;
