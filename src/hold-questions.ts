import type { Dataset } from './design.ts';
import { layersOf } from './ecs/lifted.ts';
import { viewPath } from './lifted-view.ts';
import { databaseData, parseDatabaseData } from './queries/database-data.ts';
import { writersOf } from './snapshot.ts';
import type { HoldQuestion } from './snapshot-holds.ts';
import type { ReadContext } from './step.ts';

/** What decides how the writers of each dataset are held: who they are, and which databases lie in it. */
export async function holdQuestions({
  source,
  inventory,
  design,
  config,
}: ReadContext): Promise<(HoldQuestion & { readonly dataset: Dataset })[]> {
  const placesOf = (dataset: Dataset) => dataPlaces(dataset, inventory, config.name);
  const found = parseDatabaseData(await source.read(databaseData(design.datasets.flatMap(placesOf))));
  return design.datasets.map((dataset) => ({
    dataset,
    writers: writersOf(dataset, inventory),
    signs: new Set(placesOf(dataset).flatMap((place) => [...(found.get(place) ?? [])])),
  }));
}

/** Where a dataset's files are before anything is mounted: in its container's layers, where it is lifted out of them. */
function dataPlaces(
  { source, liftedFrom }: Dataset,
  { containers }: ReadContext['inventory'],
  migration: string,
): string[] {
  const container = containers.find(({ name }) => name === liftedFrom);
  if (container === undefined) return [source];
  const path = source.slice(viewPath(migration, container.name).length);
  return layersOf(container.inspect).map((layer) => layer + path);
}
