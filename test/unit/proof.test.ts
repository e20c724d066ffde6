import { appendFile, cp, mkdir, mkdtemp, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/design.ts';
import type { HostReader } from '../../src/host.ts';
import { proveDataset } from '../../src/proof.ts';
import { localHost } from './local-host.ts';

const host = localHost() as unknown as HostReader;
let dataset: Dataset;

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'proof-'));
  const [source, target] = [join(root, 'source'), join(root, 'target')];
  await mkdir(source);
  await writeFile(join(source, 'posts'), 'ten years of them');
  await utimes(join(source, 'posts'), 1e9, 1e9);
  await cp(source, target, { recursive: true, preserveTimestamps: true });
  await utimes(source, 1e9, 1e9);
  await utimes(target, 1e9, 1e9);
  dataset = { name: 'volumes/it', kind: 'directory', source, target, bytes: 17, files: 2, containers: [] };
});

describe('proof', () => {
  it('is made when both sides are the same', async () => {
    await expect(proveDataset(dataset, host, host)).resolves.toMatchObject({ files: 2, bytes: 17 });
  });

  it.each([
    ['a byte more', () => appendFile(join(dataset.target, 'posts'), '!'), 'posts'],
    ['another time', () => utimes(join(dataset.target, 'posts'), 1e9, 1e9 + 1), 'posts'],
    ['a file more', () => writeFile(join(dataset.target, 'stray'), ''), 'stray'],
  ])('is refused for %s, which it names', async (_, change, name) => {
    await change();
    await expect(proveDataset(dataset, host, host)).rejects.toMatchObject({
      code: 'data-differs',
      evidence: expect.arrayContaining([expect.stringContaining(name)]),
    });
  });
});
