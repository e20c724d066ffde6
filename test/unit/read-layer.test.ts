import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LayerChange } from '../../src/ecs/layers.ts';
import type { HostReader } from '../../src/host.ts';
import type { Inspect } from '../../src/inventory.ts';
import type { Query } from '../../src/query.ts';
import { readLayers } from '../../src/read-layer.ts';
import { run, temporaryDirectory } from './queries/run.ts';

const inspect = (UpperDir: string): Inspect => ({
  Config: {},
  HostConfig: {},
  NetworkSettings: { Networks: {} },
  Mounts: [{ Type: 'volume', Source: '/volume', Destination: '/data', RW: true }],
  GraphDriver: { Data: { UpperDir } },
});

test('the engine is asked only about containers that may have written outside of their volumes', async () => {
  const root = temporaryDirectory();
  for (const directory of ['untouched/data', 'wrote/srv']) mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, 'wrote/srv/file'), 'four');
  const asked: string[] = [];
  const changes = async (id: string): Promise<LayerChange[]> => {
    asked.push(id);
    return [{ Path: '/srv/file', Kind: 1 }];
  };
  const source = { read: async (query: Query) => run(query), docker: { changes } } as unknown as HostReader;
  const containers = ['untouched', 'wrote', 'unreadable'].map((name) => ({
    id: name,
    name,
    inspect: inspect(join(root, name)),
  }));
  const layers = await readLayers(source, containers, () => []);
  expect(asked).toEqual(['wrote', 'unreadable']);
  expect(layers[0]).toEqual([]);
  expect(layers[1]).toMatchObject([{ path: '/srv/file', bytes: 4, kind: 'added' }]);
  expect(layers[2]).toMatchObject([{ path: '/srv/file', kind: 'added' }]);
});
