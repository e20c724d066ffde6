import type { Json } from '../docker/docker.ts';
import { recordOf, textOf } from '../ecs/json.ts';
import type { Usage } from '../inventory.ts';
import { usageOf } from '../read-usage.ts';
import { type SavedFile, unusable } from './json-documents.ts';

/** Memory of one container, by what the file calls it: its id, the first digits of that, or its name. */
export interface SavedUsage {
  readonly ids: readonly string[];
  readonly usage: Usage;
}

/**
 * What saved stats say: lines of `docker stats --format json`, the engine's own answers, or a map of those by id or name.
 * Containers that do not run use nothing, and are not among them.
 */
export function parseUsage(documents: readonly Json[], file: SavedFile): SavedUsage[] {
  const entries = documents.flatMap((document) =>
    isEntry(document) ? [{ key: '', entry: document }] : mapEntries(document),
  );
  if (!entries.every(({ entry }) => isEntry(entry)))
    throw unusable(file, 'input-kind', 'holds something else than what "docker stats" prints');
  return entries.flatMap(({ key, entry }) => {
    const usage =
      'memory_stats' in entry ? usageOf(recordOf(entry.memory_stats)) : printedUsage(textOf(entry.MemUsage));
    const ids = [key, entry.id, entry.ID, entry.Container, entry.name, entry.Name]
      .map(nameOf)
      .filter((id) => id !== '');
    return usage === undefined ? [] : [{ ids, usage }];
  });
}

const isEntry = (value: Json): boolean => 'MemUsage' in value || 'memory_stats' in value;

const mapEntries = (document: Json) =>
  Object.entries(document).map(([key, value]) => ({ key, entry: recordOf(value) }));

const nameOf = (value: unknown): string => textOf(value).replace(/^\//, '');

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** `12.3MiB / 1GiB`; `0B / 0B` and `-- / --` stand for a container that does not run. */
function printedUsage(text: string): Usage | undefined {
  const [, number = '', unit = ''] = /^\s*([\d.]+)\s*([A-Za-z]+)/.exec(text) ?? [];
  const bytes = Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
  return bytes > 0 ? { memoryBytes: Math.round(bytes) } : undefined;
}

/** The most that was seen of a container, over however many readings. */
export function savedUsageOf(
  { id, name }: { readonly id: string; readonly name: string },
  saved: readonly SavedUsage[],
) {
  const isIts = (given: string) =>
    given === name || given === id || (/^[0-9a-f]{12,}$/.test(given) && id.startsWith(given));
  const readings = saved.filter(({ ids }) => ids.some(isIts)).map(({ usage }) => usage);
  return readings.sort((a, b) => b.memoryBytes - a.memoryBytes)[0];
}
