import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runDetached } from '../../src/detached.ts';
import type { HostWriter } from '../../src/host.ts';
import { localHost } from './local-host.ts';

const host = localHost() as HostWriter;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'detached-'));
});

const run = (script: string, id = 'job') =>
  runDetached(host, { directory, id, script, signal: new AbortController().signal });
const text = (file: string) => readFile(join(directory, file), 'utf8');

describe('a detached script', () => {
  it('is waited for to its end', async () => {
    await run(`sleep 0.3; echo done > ${directory}/result`);
    expect(await text('result')).toBe('done\n');
  });

  it('that fails says so, with the end of its log', async () => {
    await expect(run('echo the disk is full >&2; exit 7')).rejects.toMatchObject({
      code: 'script-failed',
      message: expect.stringContaining('exit code 7'),
      evidence: ['the disk is full'],
    });
  });

  it('that still runs is followed, not started again', async () => {
    const script = `echo once >> ${directory}/runs; sleep 0.8`;
    await Promise.all([run(script), run(script)]);
    expect(await text('runs')).toBe('once\n');
  });

  it('outlives whoever started it', async () => {
    const controller = new AbortController();
    const script = `sleep 0.6; echo done > ${directory}/result`;
    const following = runDetached(host, { directory, id: 'job', script, signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    await expect(following).rejects.toThrow();
    await run(script);
    expect(await text('result')).toBe('done\n');
  });
});
