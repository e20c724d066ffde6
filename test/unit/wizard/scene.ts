import type { Config, Settings } from '../../../src/config.ts';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Finding } from '../../../src/finding.ts';
import type { Container, DataPath, HostFacts } from '../../../src/inventory.ts';
import { configOf } from '../../../src/wizard/settings-file.ts';
import type { Sight } from '../../../src/wizard/sight.ts';
import { container, image, inventory, settings as site } from '../ecs/builders.ts';

const sourceFacts = {
  hostname: 'droplet',
  cpus: 2,
  memoryBytes: 4 * 1024 ** 3,
  freeBytes: 10_000_000_000,
} as HostFacts;

const identity = { ...site, arn: 'arn:aws:iam::123456789012:user/ann' };

const db = container({
  name: 'db',
  env: ['MARIADB_PASSWORD=k8Xp2vQz9LmTr4Wd'],
  mounts: [
    { Type: 'volume', Name: 'db-data', Source: '/var/lib/docker/volumes/db-data/_data', Destination: '/d', RW: true },
  ],
  networks: { shop: [] },
});
const web = container({
  name: 'web',
  env: ['DB_HOST=db'],
  networks: { shop: [] },
  host: { PortBindings: { '80/tcp': [{ HostPort: '80' }] }, NetworkMode: 'shop' },
});
const wiki = container({
  name: 'wiki',
  over: {
    writableBytes: 5_000_000,
    layer: [{ path: '/opt/wiki', kind: 'added', bytes: 5_000_000, entries: 3, directory: true, looks: 'data' }],
  },
});

/** A database, who calls it, and one that has data outside of its volumes. */
export const three: readonly Container[] = [db, web, wiki];

const dataOfDb: DataPath = {
  path: '/var/lib/docker/volumes/db-data/_data',
  kind: 'directory',
  bytes: 6_000_000_000,
  files: 100,
};

interface Scene {
  readonly containers?: readonly Container[];
  readonly facts?: Partial<HostFacts>;
  /** Of other steps than the inventory. */
  readonly findings?: readonly Finding[];
}

/** What would be seen of this source with these settings. */
export function sightOf(config: Config, { containers = three, facts, findings = [] }: Scene = {}): Sight {
  const found = inventory(containers, [image()], [dataOfDb]);
  const design = designMigration(found, { ...config, ...identity });
  return {
    inventory: found,
    sourceFacts: { ...sourceFacts, ...facts },
    identity,
    design,
    findings: [...design.findings, ...findings],
  };
}

export const sightWith = (settings: Settings, scene?: Scene): Sight =>
  sightOf(configOf({ source: 'droplet', ...settings }), scene);
