const steps = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, in powers of 1000: `1.2 GB`. */
export function bytes(count: number): string {
  const power = Math.min(steps.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(count, 1)) / 3)));
  const value = count / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${steps[power]}`;
}

/** Seconds for people: `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 10) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Dollars for people: `$4.20`; what is not known is said so. */
export const dollars = (usd: number | undefined): string => (usd === undefined ? 'unknown' : `$${usd.toFixed(2)}`);

/** A text of at most `width` characters, its end left out where it has more. */
export const cutEnd = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text;

/** `1 file`, `2 files`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
