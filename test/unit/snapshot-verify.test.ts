import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findSnapshot } from '../../src/cli/snapshot.ts';
import type { HostWriter } from '../../src/host.ts';
import { makeManifest } from '../../src/proof/manifest.ts';
import { snapshotStore } from '../../src/snapshot.ts';
import type { SnapshotMark } from '../../src/snapshot-marks.ts';
import { refuseDifferent, verifyCopy } from '../../src/snapshot-verify.ts';
import { openState } from '../../src/state.ts';
import { localHost } from './local-host.ts';

let root: string;
let host: HostWriter;
let mark: SnapshotMark;
const time = new Date('2026-11-22T12:00:00Z');

/** A host whose /var/lib/ecsodus is the test's own folder. */
function hostAt(): HostWriter {
  const { name, run } = localHost();
  const moved: HostWriter['run'] = (script, options) =>
    run(script.replaceAll('/var/lib/ecsodus', `${root}/lib`), options);
  return { name, run: moved, read: ({ script }) => moved(script) } as HostWriter;
}

const write = async (name: string, text: string) => {
  await writeFile(join(root, 'snap', name), text);
  await utimes(join(root, 'snap', name), time, time);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'verify-'));
  host = hostAt();
  await mkdir(join(root, 'snap'));
  await write('a', 'one');
  await write('b', 'two');
  const store = snapshotStore('blog', 'volumes/it');
  const path = join(root, 'snap');
  const made = await makeManifest(host, { path, kind: 'directory', store, mode: 'still' });
  mark = { ...made, dataset: { name: 'volumes/it', kind: 'directory', source: '/it' } } as unknown as SnapshotMark;
});

const verify = () => verifyCopy(host, 'blog', mark, openState(join(root, 'state'), 'blog'), join(root, 'snap'));

describe('a snapshot', () => {
  it('that is as it was made', async () => {
    expect(await verify()).toMatchObject({ name: 'volumes/it', ok: true, bytes: 6, differences: [] });
  });

  it('with one byte flipped, and the time put back, differs by name', async () => {
    await write('b', 'tWo');
    const verified = await verify();
    expect(verified).toMatchObject({ ok: false, differences: [expect.stringMatching(/^b: sha256 \w{64} → \w{64}$/)] });
    expect(() => refuseDifferent([verified])).toThrow(
      expect.objectContaining({
        code: 'snapshot-differs',
        evidence: [expect.stringMatching(/^volumes\/it: b: sha256/)],
      }),
    );
  });

  it('that has lost and won a file names both', async () => {
    await rm(join(root, 'snap/a'));
    await write('c', 'new');
    const { differences } = await verify();
    expect(differences).toEqual(expect.arrayContaining(['a: is missing', 'c: was not there']));
  });

  it('whose list is lost says so', async () => {
    await rm(join(root, 'lib'), { recursive: true });
    await write('b', 'tWo');
    expect((await verify()).differences).toEqual(['what it held when it was made is not on record any more']);
  });

  it('none of which differs is no error', () => {
    expect(() => refuseDifferent([{ name: 'a', ok: true, files: 1, bytes: 1, differences: [] }])).not.toThrow();
  });
});

describe('a snapshot is found', () => {
  const marks = ['volumes/db-data', 'binds/srv/www'].map((name) => ({ dataset: { name } }) as SnapshotMark);

  it('by its name', () => {
    expect(findSnapshot(marks, 'volumes/db-data')).toBe(marks[0]);
  });

  it.each([
    ['volumes/db-dta', 'Did you mean "volumes/db-data"?'],
    ['db-data', 'Did you mean "volumes/db-data"?'],
    ['entirely else', 'See what there is: ecsodus snapshot list'],
  ])('or not: %s', (name, hint) => {
    expect(() => findSnapshot(marks, name)).toThrow(expect.objectContaining({ code: 'snapshot-unknown', hint }));
  });
});
