import { mkdtempSync } from 'node:fs';
import { appendFile, cp, mkdir, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/design.ts';
import type { HostWriter } from '../../../src/host.ts';
import { keepManifest, proveDataset, readAhead, readBothSides, requireSame } from '../../../src/proof/prove.ts';
import { openState } from '../../../src/state.ts';
import type { WriteContext } from '../../../src/step.ts';
import { localHost } from '../local-host.ts';

let dataset: Dataset;
let context: WriteContext;

/** This machine as both hosts, with what they keep of ours in folders of the test's. */
function hosts(root: string): WriteContext {
  const host = (name: string): HostWriter => {
    const { run, ...rest } = localHost();
    const moved = (script: string) =>
      script
        .replaceAll('/var/lib/ecsodus', join(root, name, 'lib'))
        .replaceAll('/data/.ecsodus', join(root, name, 'marks'))
        .replaceAll('/run/ecsodus', join(root, name, 'run'));
    const here: HostWriter['run'] = (script, { input, ...options } = {}) =>
      run(moved(script), { ...options, ...(typeof input === 'string' && { input: moved(input) }) });
    return { ...rest, run: here, read: ({ script }) => here(script) } as HostWriter;
  };
  return {
    source: host('source-host'),
    target: async () => host('target-host'),
    state: openState(join(root, 'state'), 'blog'),
    config: { name: 'blog' },
    instance: {},
    signal: new AbortController().signal,
    progress: () => {},
  } as unknown as WriteContext;
}

beforeEach(async () => {
  const root = mkdtempSync(join(tmpdir(), 'proof-'));
  const [source, target] = [join(root, 'source'), join(root, 'target')];
  await mkdir(source);
  await writeFile(join(source, 'posts'), 'ten years of them');
  await writeFile(join(source, 'old'), 'x');
  for (const name of ['posts', 'old']) await utimes(join(source, name), 1e9, 1e9);
  await cp(source, target, { recursive: true, preserveTimestamps: true });
  await utimes(source, 1e9, 1e9);
  await utimes(target, 1e9, 1e9);
  dataset = { name: 'volumes/it', kind: 'directory', source, target, bytes: 18, files: 3, containers: [] };
  context = hosts(root);
});

const at = (name: string) => join(dataset.target, name);

describe('proof', () => {
  it('is made when both sides are the same', async () => {
    await expect(proveDataset(dataset, context)).resolves.toMatchObject({ files: 3, bytes: 18 });
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a byte more', () => appendFile(at('posts'), '!'), /^posts: mtime 1\S+ → \S+, size 17 → 18, sha256/],
    ['another time', () => utimes(at('posts'), 1e9, 1e9 + 1), /^posts: mtime 1000000000\.0+ → 1000000001\.0+$/],
    ['a file more', () => writeFile(at('stray'), ''), /^stray: on the target only$/],
    ['a file less', () => unlink(at('old')), /^old: on the source only$/],
    [
      'another type',
      async () => {
        await unlink(at('old'));
        await symlink('posts', at('old'));
      },
      /^old: kind f → l, /,
    ],
  ])('is refused for %s, which it names', async (_, change, line) => {
    await requireSame(dataset, context);
    await change();
    await expect(requireSame(dataset, context)).rejects.toMatchObject({
      code: 'data-differs',
      evidence: expect.arrayContaining([expect.stringMatching(line)]),
    });
  });

  it('reads on each side what has changed there, and nothing else', async () => {
    // Long ago enough for their times to be trusted.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await readAhead(dataset, context);
    await appendFile(at('posts'), '!');
    expect(await readBothSides(dataset, context)).toMatchObject({
      source: { readFiles: 0 },
      target: { readFiles: 1, readBytes: 18 },
    });
  });

  it('is kept in the state folder', async () => {
    await proveDataset(dataset, context);
    await keepManifest(dataset, context);
    await expect(context.state.read('manifests/volumes%2Fit.source.gz')).resolves.toBeDefined();
  });
});
