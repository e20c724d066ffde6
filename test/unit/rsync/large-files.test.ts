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
import { beforeEach, expect, it } from 'vitest';
import { type Copy, copyScript } from '../../../src/rsync/copy-script.ts';

let directory: string;
const at = (...names: string[]) => join(directory, ...names);

/** An rsync that writes down how it is called. */
function standIn(script: string): void {
  writeFileSync(at('rsync'), `#!/bin/sh\n${script}\n`);
  chmodSync(at('rsync'), 0o755);
}

function copy(parts: Pick<Copy, 'large' | 'streams'>): void {
  const script = copyScript({
    argv: ['rsync', 'all'],
    refresh: '',
    passes: 1,
    smallBytes: 0,
    retries: 0,
    live: true,
    compression: '/no/such',
    sparse: { root: at('data'), answer: '/dev/null', look: false },
    ...parts,
  });
  const env = { ...process.env, JOB_LOG: at('log'), PATH: `${directory}:${process.env.PATH}` };
  execFileSync('sh', ['-c', script], { env });
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'large-'));
  mkdirSync(at('data'));
});

it('sends large files in place first, but none that ever had a second name', () => {
  for (const [name, bytes] of Object.entries({ small: 1000, 'large\n1': 20_000_000, twice: 30_000_000 })) {
    writeFileSync(at('data', name), '');
    truncateSync(at('data', name), bytes);
  }
  linkSync(at('data/twice'), at('data/second name'));
  standIn(`echo "rsync $*" >> ${at('calls')}\n[ "$1" != large ] || tr '\\0' '|' < ${at('names')} >> ${at('calls')}`);
  const large = { root: at('data'), names: at('names'), linked: at('store', 'linked'), argv: ['rsync', 'large'] };
  copy({ large });
  rmSync(at('data/second name'));
  copy({ large });
  const once = 'rsync large\nlarge\n1|rsync all\n';
  expect(readFileSync(at('calls'), 'utf8'), 'on the target both names may be one file still').toBe(once + once);
});

it('writes everything in place in one pass, as long as no file has a second name', () => {
  for (const name of ['small', 'other']) writeFileSync(at('data', name), '');
  standIn(`echo "rsync $*" >> ${at('calls')}`);
  const large = { root: at('data'), names: at('names'), linked: at('store', 'linked'), argv: ['rsync', 'large'] };
  copy({ large });
  linkSync(at('data/small'), at('data/second name'));
  copy({ large });
  rmSync(at('data/second name'));
  copy({ large });
  const calls = readFileSync(at('calls'), 'utf8').split('\n');
  expect(calls, 'what had a second name once has it on the target, perhaps').toEqual([
    'rsync --inplace all',
    'rsync all',
    'rsync all',
    '',
  ]);
});

it('sends what is at the top in several streams first, unless a file has several names', () => {
  for (const name of ['one', 'two\n2', 'three', 'four', 'five']) writeFileSync(at('data', name), '');
  standIn(`case $1 in stream) tr '\\0' '|' < "$2" > "$2.seen" ;; *) echo all >> ${at('calls')} ;; esac`);
  const lists = ['a', 'b'].map((letter) => at(`list-${letter}`));
  const streams = { root: at('data'), lists, argv: lists.map((list) => ['rsync', 'stream', list]) };
  copy({ streams });
  const sent = lists.map((list) => readFileSync(`${list}.seen`, 'utf8').split('|').filter(Boolean));
  expect(sent.flat().sort()).toEqual(['five', 'four', 'one', 'three', 'two\n2']);
  for (const list of lists) rmSync(`${list}.seen`);
  linkSync(at('data/one'), at('data/six'));
  copy({ streams });
  expect(lists.filter((list) => existsSync(`${list}.seen`))).toEqual([]);
  expect(readFileSync(at('calls'), 'utf8'), 'and the pass follows').toBe('all\nall\n');
});
