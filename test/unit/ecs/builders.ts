import { readFileSync } from 'node:fs';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Json } from '../../../src/ecs/json.ts';
import { looksSecret } from '../../../src/ecs/secrets.ts';
import type { Settings } from '../../../src/ecs/workload.ts';
import type { Container, DataPath, EnvVariable, Image, Inspect, Inventory } from '../../../src/inventory.ts';
import { Secret } from '../../../src/secret.ts';

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
}

let created = 0;

/** A container such as a plain `docker run` makes; `parts` is what differs. Later ones are younger. */
export function container(parts: Parts = {}): Container {
  const name = parts.name ?? 'web';
  const id = Buffer.from(name.padEnd(32, '-')).toString('hex').slice(0, 64);
  const networks = Object.entries(parts.networks ?? { bridge: [] }).map(([network, Aliases]) => [network, { Aliases }]);
  return {
    id,
    name,
    imageId: `sha256:${'a'.repeat(64)}`,
    imageName: 'app:2',
    running: true,
    env: (parts.env ?? []).map(variable),
    inspect: {
      Id: id,
      Created: new Date(Date.UTC(2026, 0, 1) + created++ * 1000).toISOString(),
      Platform: 'linux',
      Config: { Hostname: id.slice(0, 12), Cmd: ['serve'], ...parts.config },
      HostConfig: {
        NetworkMode: Object.keys(parts.networks ?? {})[0] ?? 'default',
        RestartPolicy: { Name: 'always' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
        ...parts.host,
      },
      Mounts: parts.mounts ?? [],
      NetworkSettings: { Networks: Object.fromEntries(networks), Ports: parts.ports ?? {} },
    } as unknown as Inspect,
    memoryBytes: 50 * 1024 ** 2,
    writableBytes: 0,
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

const variable = (entry: string): EnvVariable => {
  const at = entry.indexOf('=');
  if (at < 0) return { name: entry, value: undefined };
  const [name, value] = [entry.slice(0, at), entry.slice(at + 1)];
  return { name, value: looksSecret(name, value) ? new Secret(value) : value };
};

export const inventory = (
  containers: readonly Container[],
  images: readonly Image[] = [image()],
  data: readonly DataPath[] = [],
): Inventory => ({ containers, images, data });

/** The one container's definition, with the accounting and findings of everything. */
export function designOf(parts: Parts = {}, data: readonly DataPath[] = [], over: Partial<Settings> = {}) {
  const images = [
    image({ ...(parts.image && { config: parts.image }), ...(parts.imageEnv && { env: parts.imageEnv }) }),
  ];
  const design = designMigration(inventory([container(parts)], images, data), { ...settings, ...over });
  const [workload] = design.workloads;
  const [definition] = workload?.definition.containerDefinitions ?? [];
  if (workload === undefined || definition === undefined) throw new Error('no definition');
  const row = (setting: string) => design.accounting.find((each) => each.setting === setting);
  const codes = design.findings.map(({ level, code }) => `${level} ${code}`);
  return { design, workload, definition, row, codes };
}

type Recorded = Json & { Config: Json & { Env?: string[] | null }; State: Json };

const recorded = <T>(file: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/inspect/${file}`, import.meta.url), 'utf8')) as T;

/** What dockerd 20.10.24 answered: nine containers, `sink` with nearly every option `docker create` has. */
export function recordedInventory(): Inventory {
  const containers = recorded<Recorded[]>('containers.json').map((raw): Container => {
    const { Env, ...config } = raw.Config;
    return {
      id: String(raw.Id),
      name: String(raw.Name).slice(1),
      imageId: String(raw.Image),
      imageName: String(config.Image),
      running: true,
      env: (Env ?? []).map(variable),
      inspect: { ...raw, Config: config } as unknown as Inspect,
      memoryBytes: 1_000_000,
      writableBytes: 0,
      mentions: [],
    };
  });
  const images = recorded<Recorded[]>('images.json').map((raw): Image => {
    const { Env, ...config } = raw.Config;
    return {
      id: String(raw.Id),
      tags: raw.RepoTags as string[],
      bytes: Number(raw.Size),
      architecture: String(raw.Architecture),
      env: Env ?? [],
      config,
    };
  });
  const paths = containers
    .flatMap(({ inspect }) => inspect.Mounts.map(({ Source }) => Source))
    .filter((path) => path !== '');
  const data = [...new Set(paths)].map(
    (path): DataPath => ({ path, kind: /localtime|\.conf$/.test(path) ? 'file' : 'directory', bytes: 10, files: 1 }),
  );
  return { containers, images, data };
}
