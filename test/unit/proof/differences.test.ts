import { describe, expect, it } from 'vitest';
import { differences, type ManifestEntry, manifestEntries } from '../../../src/proof/differences.ts';

async function* entries(...all: readonly (readonly [string, string])[]): AsyncGenerator<ManifestEntry> {
  for (const [name, visible] of all) yield { name: Buffer.from(name, 'latin1'), visible };
}

const found = async (...args: Parameters<typeof differences>) =>
  (await differences(...args)).map(({ name, line }) => [name.toString('latin1'), line]);

describe('what two manifests do not share', () => {
  it('is told in the order of the walk, whatever is on one side alone', async () => {
    const here = entries(['', 'd mode=755'], ['a', 'd'], ['a/b', 'f size=1'], ['a-b', 'f size=2'], ['z', 'l to=x']);
    const there = entries(['', 'd mode=755'], ['a', 'd'], ['a-b', 'f size=3'], ['new', 'p'], ['z', 'l to=x']);
    expect(await found(here, there, 10)).toEqual([
      ['a/b', 'a/b: on the source only'],
      ['a-b', 'a-b: size 2 → 3'],
      ['new', 'new: on the target only'],
    ]);
  });

  it('is as much of it as was asked for', async () => {
    expect(await found(entries(['a', 'f'], ['b', 'f'], ['c', 'f']), entries(), 2)).toHaveLength(2);
  });

  it('holds every name of a file that differs, since its content is sent to all of them', async () => {
    const names = ['first \xff', 'other', 'second'] as const;
    const side = (hash: string) =>
      entries([names[0], `f sha256=${hash}`], [names[1], 'f sha256=1'], [names[2], 'same-file-as=first%20%FF']);
    expect(await found(side('1'), side('2'), 10)).toEqual([
      [names[0], expect.stringContaining('sha256 1 → 2')],
      [names[2], ''],
    ]);
  });

  it('is read from pieces cut anywhere', async () => {
    const bytes = Buffer.from('a\0f size=1\x001 2\0new\nline\0l to=x\0\0', 'latin1');
    for (const size of [1, 3, 1000]) {
      const pieces = (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      })();
      const read: string[][] = [];
      for await (const { name, visible } of manifestEntries(pieces)) read.push([name.toString(), visible]);
      expect(read).toEqual([
        ['a', 'f size=1'],
        ['new\nline', 'l to=x'],
      ]);
    }
  });
});
