import { readFileSync } from 'node:fs';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Json } from '../../../src/ecs/json.ts';
import type { Settings } from '../../../src/ecs/workload.ts';
import type { Container, DataPath, Image, Inventory } from '../../../src/inventory.ts';
import { parseContainer, parseImage } from '../../../src/parse-inspect.ts';

export const settings: Settings = {
  name: 'shop',
  account: '123456789012',
  region: 'eu-central-1',
  partition: 'aws',
  registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
  secrets: 'ssm',
};

interface Parts {
  readonly name?: string;
  readonly env?: readonly string[];
  readonly config?: Json;
  readonly host?: Json;
  readonly mounts?: readonly Json[];
  /** Alias lists by network. */
  readonly networks?: Readonly<Record<string, readonly string[]>>;
  readonly image?: Json;
  readonly imageEnv?: readonly string[];
  readonly over?: Partial<Container>;
  readonly ports?: Json;
  /** Top-level keys of the inspect, over all else. */
  readonly raw?: Json;
}

let created = 0;

/** A container such as a plain `docker run` makes; `parts` is what differs. Later ones are younger. */
export function container(parts: Parts = {}): Container {
  const name = parts.name ?? 'web';
  const id = Buffer.from(name.padEnd(32, '-')).toString('hex').slice(0, 64);
  const networks = Object.entries(parts.networks ?? { bridge: [] }).map(([network, Aliases]) => [network, { Aliases }]);
  const inspected = parseContainer({
    Id: id,
    Name: `/${name}`,
    Created: new Date(Date.UTC(2026, 0, 1) + created++ * 1000).toISOString(),
    Platform: 'linux',
    Image: `sha256:${'a'.repeat(64)}`,
    State: { Running: true },
    Config: { Hostname: id.slice(0, 12), Cmd: ['serve'], Image: 'app:2', Env: parts.env ?? [], ...parts.config },
    HostConfig: {
      NetworkMode: Object.keys(parts.networks ?? {})[0] ?? 'default',
      RestartPolicy: { Name: 'always' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
      ...parts.host,
    },
    Mounts: parts.mounts ?? [],
    NetworkSettings: { Networks: Object.fromEntries(networks), Ports: parts.ports ?? {} },
    ...parts.raw,
  });
  return {
    ...inspected,
    usage: { memoryBytes: 50 * 1024 ** 2 },
    databaseMemory: [],
    layer: undefined,
    mentions: [],
    ...parts.over,
  };
}

export const image = (parts: { config?: Json; env?: readonly string[] } = {}): Image => ({
  id: `sha256:${'a'.repeat(64)}`,
  tags: ['app:2'],
  bytes: 1000,
  architecture: 'amd64',
  env: parts.env ?? [],
  config: { Cmd: ['serve'], ...parts.config },
});

export const inventory = (
  containers: readonly Container[],
  images: readonly Image[] = [image()],
  data: readonly DataPath[] = [],
  over: Partial<Inventory> = {},
): Inventory => ({ containers, images, data, networks: [], volumes: [], surroundings: undefined, ...over });

/** The one container's definition, with the accounting and findings of everything. */
export function designOf(
  parts: Parts = {},
  data: readonly DataPath[] = [],
  over: Partial<Settings> = {},
  found: Partial<Inventory> = {},
) {
  const images = [
    image({ ...(parts.image && { config: parts.image }), ...(parts.imageEnv && { env: parts.imageEnv }) }),
  ];
  const design = designMigration(inventory([container(parts)], images, data, found), { ...settings, ...over });
  const [workload] = design.workloads;
  const [definition] = workload?.taskDefinition.containerDefinitions ?? [];
  if (workload === undefined || definition === undefined) throw new Error('no definition');
  const row = (setting: string) => design.accounting.find((each) => each.setting === setting);
  // Every container has a note on its memory, and every host one on open files.
  const codes = design.findings
    .filter(({ code }) => !['memory-reservation', 'open-files'].includes(code))
    .map(({ level, code }) => `${level} ${code}`);
  return { design, workload, definition, row, codes };
}

type Recorded = Json;

const recorded = <T>(file: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/inspect/${file}`, import.meta.url), 'utf8')) as T;

/** What dockerd 20.10.24 answered: nine containers, `sink` with nearly every option `docker create` has. */
export function recordedInventory(): Inventory {
  const containers = recorded<Recorded[]>('containers.json').map(
    (raw): Container => ({
      ...parseContainer(raw),
      running: true,
      usage: { memoryBytes: 1_000_000 },
      databaseMemory: [],
      layer: undefined,
      mentions: [],
    }),
  );
  const images = recorded<Recorded[]>('images.json').map((raw): Image => parseImage(String(raw.Id), raw));
  const paths = containers
    .flatMap(({ inspect }) => inspect.Mounts.map(({ Source }) => Source))
    .filter((path) => path !== '');
  const data = [...new Set(paths)].map(
    (path): DataPath => ({ path, kind: /localtime|\.conf$/.test(path) ? 'file' : 'directory', bytes: 10, files: 1 }),
  );
  return inventory(containers, images, data);
}

/** A container on the network `shop`. */
export const on = (name: string, env: readonly string[] = [], aliases: readonly string[] = []) =>
  container({ name, env, networks: { shop: aliases } });

/** What containers become that call one another. */
export function taskOf(containers: readonly Container[], workloads?: Record<string, string[]>) {
  const design = designMigration(inventory(containers), { ...settings, workloads });
  const definitions = design.workloads.flatMap(({ taskDefinition }) => taskDefinition.containerDefinitions ?? []);
  const links = Object.fromEntries(definitions.flatMap(({ name, links }) => (links ? [[name, links]] : [])));
  const found = (code: string) => design.findings.filter((finding) => finding.code === code);
  return { design, definitions, links, found, order: design.workloads[0]?.containers };
}
