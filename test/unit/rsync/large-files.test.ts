import { execFileSync } from 'node:child_process';
import {
  chmodSync,
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
