import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from '../../src/lock.ts';

const now = () => new Date('2026-01-02T03:04:05Z');
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
});

describe('lock', () => {
  it('is refused while a living process holds it, which is named', async () => {
    const release = await takeLock(directory, now);
    await expect(takeLock(directory, now)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}, since 2026-01-02T03:04:05.000Z`),
    });
    await release();
    await (await takeLock(directory, now))();
  });

  it.each([
    ['a process that is gone', { host: hostname(), pid: 4_194_304, started: '1', since: 'then' }],
    ['a process whose number is used again', { host: hostname(), pid: process.pid, started: '1', since: 'then' }],
  ])('is taken over from %s', async (_, holder) => {
    await writeFile(join(directory, 'lock'), JSON.stringify(holder));
    const release = await takeLock(directory, now);
    expect(JSON.parse(await readFile(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await release();
  });

  it('goes to one of many who find a dead one, and leaves nothing else behind', async () => {
    const dead = { host: hostname(), pid: 4_194_304, started: '1', since: 'then' };
    await writeFile(join(directory, 'lock'), JSON.stringify(dead));
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(directory, now)));
    const failures = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(failures).toEqual(Array(19).fill('locked'));
    expect(await readdir(directory)).toEqual(['lock']);
  });

  it('is not taken over from another machine, about which nothing is known', async () => {
    await writeFile(
      join(directory, 'lock'),
      JSON.stringify({ host: 'elsewhere', pid: 1, started: '1', since: 'then' }),
    );
    await expect(takeLock(directory, now)).rejects.toMatchObject({
      code: 'locked',
      hint: expect.stringContaining('rm '),
    });
  });
});
