import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyScript } from '../../../src/rsync/copy-script.ts';

it('sends large files in place first, but none that ever had a second name', () => {
  const directory = mkdtempSync(join(tmpdir(), 'large-'));
  const at = (...names: string[]) => join(directory, ...names);
  mkdirSync(at('data'));
  for (const [name, bytes] of Object.entries({ small: 1000, 'large\n1': 20_000_000, twice: 30_000_000 })) {
    writeFileSync(at('data', name), '');
    truncateSync(at('data', name), bytes);
  }
  linkSync(at('data/twice'), at('data/second name'));
  writeFileSync(
    at('rsync'),
    `#!/bin/sh\necho "rsync $*" >> ${at('calls')}\n[ "$1" != large ] || tr '\\0' '|' < ${at('names')} >> ${at('calls')}\n`,
  );
  chmodSync(at('rsync'), 0o755);
  const large = { root: at('data'), names: at('names'), linked: at('store', 'linked'), argv: ['rsync', 'large'] };
  const script = copyScript({
    argv: ['rsync', 'all'],
    refresh: '',
    passes: 1,
    smallBytes: 0,
    retries: 0,
    live: true,
    compression: '/no/such',
    sparse: { root: at('data'), answer: '/dev/null', look: false },
    large,
  });
  const copy = () => {
    execFileSync('sh', ['-c', script], {
      env: { ...process.env, JOB_LOG: at('log'), PATH: `${directory}:${process.env.PATH}` },
    });
    return readFileSync(at('calls'), 'utf8');
  };
  expect(copy()).toBe('rsync large\nlarge\n1|rsync all\n');
  rmSync(at('data/second name'));
  rmSync(at('calls'));
  expect(copy(), 'on the target both names may be one file still').toBe('rsync large\nlarge\n1|rsync all\n');
});

it('sends what is at the top in several streams first, unless a file has several names', () => {
  const directory = mkdtempSync(join(tmpdir(), 'streams-'));
  const at = (...names: string[]) => join(directory, ...names);
  mkdirSync(at('data'));
  for (const name of ['one', 'two\n2', 'three', 'four', 'five']) writeFileSync(at('data', name), '');
  writeFileSync(
    at('rsync'),
    `#!/bin/sh\ncase $1 in stream) tr '\\0' '|' < "$2" > "$2.seen" ;; *) echo all >> ${at('calls')} ;; esac\n`,
  );
  chmodSync(at('rsync'), 0o755);
  const lists = ['a', 'b'].map((letter) => at(`list-${letter}`));
  const script = copyScript({
    argv: ['rsync', 'all'],
    refresh: '',
    passes: 1,
    smallBytes: 0,
    retries: 0,
    live: true,
    compression: '/no/such',
    sparse: { root: at('data'), answer: '/dev/null', look: false },
    streams: { root: at('data'), lists, argv: lists.map((list) => ['rsync', 'stream', list]) },
  });
  const copy = () => {
    for (const list of lists) rmSync(`${list}.seen`, { force: true });
    execFileSync('sh', ['-c', script], {
      env: { ...process.env, JOB_LOG: at('log'), PATH: `${directory}:${process.env.PATH}` },
    });
    return lists.flatMap((list) => (existsSync(`${list}.seen`) ? readFileSync(`${list}.seen`, 'utf8').split('|') : []));
  };
  expect(copy().filter(Boolean).sort()).toEqual(['five', 'four', 'one', 'three', 'two\n2']);
  linkSync(at('data/one'), at('data/six'));
  expect(copy()).toEqual([]);
  expect(readFileSync(at('calls'), 'utf8'), 'and the pass follows').toBe('all\nall\n');
});
