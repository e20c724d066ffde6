import type { ContainerDefinition } from '@aws-sdk/client-ecs';

/** Puts the pieces that rules gave together: lists grow, records are merged, of single values the last one counts. */
export function mergePieces(pieces: readonly Partial<ContainerDefinition>[]): Partial<ContainerDefinition> {
  return pieces.reduce<Record<string, unknown>>(
    (whole, piece) => mergeRecords(whole, piece as Record<string, unknown>),
    {},
  );
}

function mergeRecords(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) merged[key] = mergeValues(merged[key], value);
  return merged;
}

function mergeValues(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (isRecord(a) && isRecord(b)) return mergeRecords(a, b);
  return b ?? a;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
