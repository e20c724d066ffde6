import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DelayLine } from '../../lab/delay-line.ts';

it('gives out what came in, later', async () => {
  const line = new DelayLine(50);
  const began = performance.now();
  line.write('hello');
  const [chunk] = await once(line, 'data');
  expect(String(chunk)).toBe('hello');
  expect(performance.now() - began).toBeGreaterThanOrEqual(50);
});

it('delays many chunks as long as one, and changes nothing in them', async () => {
  const bytes = randomBytes(32 * 2 ** 20);
  const chunks = Array.from({ length: 2048 }, (_, index) => bytes.subarray(index * 16_384, (index + 1) * 16_384));
  const line = new DelayLine(20);
  const began = performance.now();
  const [received] = await Promise.all([buffer(line), pipeline(Readable.from(chunks), line)]);
  expect(received.equals(bytes)).toBe(true);
  // One chunk after the other would be 41 s.
  expect(performance.now() - began).toBeLessThan(5_000);
});

it('takes no more than its limit, and goes on once it is read', async () => {
  const line = new DelayLine(0, 3 * 2 ** 20);
  let taken = 0;
  const source = Readable.from(
    (function* () {
      for (; taken < 64; taken++) yield Buffer.alloc(2 ** 20);
    })(),
  );
  const sent = pipeline(source, line);
  await sleep(100);
  expect(taken).toBeLessThan(40);
  const received = await buffer(line);
  await sent;
  expect(received.length).toBe(64 * 2 ** 20);
});

it('ends after what was written', async () => {
  const line = new DelayLine(30);
  const began = performance.now();
  line.end('last');
  expect(String(await buffer(line))).toBe('last');
  expect(performance.now() - began).toBeGreaterThanOrEqual(30);
});
