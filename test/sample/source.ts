import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from '../../src/config.ts';
import type { DataPath, HostFacts, Inventory, LayerEntry, Mention } from '../../src/inventory.ts';
import { readSavedInventory } from '../../src/offline/saved-inventory.ts';

/** What was recorded besides `docker inspect`: the host, its data, what files mention, what layers hold. */
interface RecordedHost {
  readonly facts: HostFacts;
  readonly data: readonly DataPath[];
  readonly mentions: Readonly<Record<string, readonly Mention[]>>;
  readonly layers: Readonly<Record<string, readonly LayerEntry[]>>;
  readonly databases: Databases;
}

/** By path, the sign by which the data of a database is known. */
type Databases = Readonly<Record<string, string>>;

export interface Recorded {
  readonly config: Config;
  readonly facts: HostFacts;
  readonly inventory: Inventory;
  readonly databases: Databases;
}

const file = (name: string): string => fileURLToPath(new URL(`../fixtures/sample/${name}`, import.meta.url));

/** The recorded droplet, as the inventory of a live one would give it. */
export async function recordedSource(): Promise<Recorded> {
  const [config, saved] = await Promise.all([
    readConfig(file('ecsodus.yaml')),
    readSavedInventory({
      containers: file('containers.json'),
      images: file('images.json'),
      stats: file('stats.json'),
    }),
  ]);
  const host = JSON.parse(readFileSync(file('host.json'), 'utf8')) as RecordedHost;
  const { facts, data, mentions, layers, databases } = host;
  const containers = saved.inventory.containers.map((container) => ({
    ...container,
    running: (container.inspect.State as { Running: boolean }).Running,
    layer: layers[container.name] ?? [],
    mentions: mentions[container.name] ?? [],
  }));
  return { config, facts, inventory: { ...saved.inventory, containers, data }, databases };
}
