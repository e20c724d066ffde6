import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Ssh } from '../../../src/ssh/connection.ts';
import { remoteHost } from '../../../src/ssh/remote-host.ts';

/** This machine's own shell, to which only the first `sent` characters of an input arrive. */
const shell = (sent = Number.POSITIVE_INFINITY): Ssh =>
  ({
    host: 'here',
    exec: async (command: string, { input = '' } = {}) => {
      if (command === 'id -u') return { stdout: '0\n', stderr: '', code: 0 };
      const { stdout, stderr, status } = spawnSync('sh', ['-c', command], {
        input: input.slice(0, sent),
        encoding: 'utf8',
      });
      return { stdout, stderr, code: status ?? 1 };
    },
  }) as unknown as Ssh;

const host = (sent?: number) => remoteHost(shell(sent), { sudoPassword: async () => undefined });
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'remote-host-'));
});

describe('the input of a script', () => {
  const keep = () => `set -eu\ncat > ${directory}/record`;
  const record = '{"name":"ünïcødé","rest":"* $HOME \\\\n"}\n\n';

  it('arrives as it was given', async () => {
    await (await host()).run(keep(), { input: record });
    expect(readFileSync(`${directory}/record`, 'utf8')).toBe(record);
  });

  it.each([0, 1, record.length - 1, record.length])(
    'is not taken for whole when %d characters of it arrived',
    async (sent) => {
      const kept = (await host(sent)).run(keep(), { input: record });
      await expect(kept).rejects.toMatchObject({ message: expect.stringContaining('the input was cut off') });
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  it('need not be read, and may be nothing', async () => {
    expect(await (await host()).run('echo out; exit 0', { input: 'x'.repeat(200_000) })).toBe('out\n');
    expect(await (await host()).run('cat; echo out', { input: '' })).toBe('out\n');
    await expect((await host()).run('cat >/dev/null; exit 3', { input: record })).rejects.toThrow('exit code 3');
  });
});
