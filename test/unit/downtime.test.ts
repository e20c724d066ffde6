import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDowntime, watchOldAddress } from '../../src/downtime.ts';
import type { StateWriter } from '../../src/state.ts';
import type { Progress, WriteContext } from '../../src/step.ts';

let server: Server;
let up: boolean;
let files: Map<string, string>;
let context: WriteContext;
let told: Progress[];

beforeEach(async () => {
  up = true;
  told = [];
  server = createServer((_, response) => response.writeHead(up ? 200 : 502).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  files = new Map();
  const state = {
    read: async (file: string) => files.get(file),
    write: async (file: string, text: string) => void files.set(file, text),
  } as unknown as StateWriter;
  const checks = [`http://blog.example.test:${(server.address() as AddressInfo).port}/`];
  context = {
    source: { address: '127.0.0.1' },
    config: { checks },
    design: { workloads: [] },
    state,
    progress: (progress: Progress) => told.push(progress),
  } as unknown as WriteContext;
});

afterEach(() => server.close());

const measured = () => readDowntime(context.state);

describe('downtime at the old address', () => {
  it('is from the last good answer to the first', async () => {
    const end = watchOldAddress(context);
    await delay(400);
    up = false;
    await delay(800);
    up = true;
    await delay(400);
    await end();
    expect(await measured()).toBeGreaterThanOrEqual(0.7);
    expect(await measured()).toBeLessThan(5);
    expect(told).toEqual([
      { message: 'visitors wait', since: JSON.parse(files.get('downtime.json') ?? '').lastGoodAt },
      { message: expect.stringMatching(/^visitors waited \d\.\d s$/) },
    ]);
  });

  it('is not there where nobody was without an answer', async () => {
    const end = watchOldAddress(context);
    await delay(300);
    await end();
    expect(await measured()).toBeUndefined();
    expect(told).toEqual([]);
  });

  it('goes on with the silence of the run before', { timeout: 15_000 }, async () => {
    const end = watchOldAddress(context);
    await delay(300);
    up = false;
    await delay(300);
    await end();
    expect(await measured()).toBeUndefined();
    await delay(1000);
    const again = watchOldAddress(context);
    await delay(300);
    up = true;
    await delay(400);
    await again();
    expect(await measured(), 'both runs and the time between them').toBeGreaterThan(4);
  });

  it('does not, where the source has taken over since', async () => {
    files.set('downtime.json', JSON.stringify({ lastGoodAt: '2020-01-01T00:00:00Z' }));
    const end = watchOldAddress(context);
    await delay(300);
    await end();
    expect(await measured()).toBeUndefined();
  });
});
