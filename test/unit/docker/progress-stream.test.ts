import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { TransferProgress } from '../../../src/docker/docker.ts';
import { follow, pullProgress, pushProgress, type TransferEvent } from '../../../src/docker/progress-stream.ts';

const lines = (...events: readonly TransferEvent[]): string =>
  events.map((event) => `${JSON.stringify(event)}\r\n`).join('');
const pushed: TransferEvent = { status: 'b: digest: sha256:00 size: 528' };
const layer = (id: string, status: string, current?: number, total?: number): TransferEvent => ({
  id,
  status,
  ...(current !== undefined && { progressDetail: { current, ...(total !== undefined && { total }) } }),
});

const run = async (text: string, start = pushProgress): Promise<readonly TransferProgress[]> => {
  const seen: TransferProgress[] = [];
  // Cut in the middle of lines and of characters.
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
    bytes.subarray(index * 7, index * 7 + 7),
  );
  await follow(
    Readable.from(chunks),
    start((progress) => seen.push(progress)),
  );
  return seen;
};

describe('follow', () => {
  test('sums the layers of a push', async () => {
    const seen = await run(
      lines(
        { status: 'The push refers to repository [r/ä]' },
        layer('a', 'Preparing'),
        layer('c', 'Preparing'),
        layer('a', 'Pushing', 50, 100),
        layer('b', 'Layer already exists'),
        layer('c', 'Pushing', 10, 1000),
        layer('a', 'Pushing', 120, 100),
        layer('a', 'Pushed'),
        layer('c', 'Pushed'),
        pushed,
        { aux: { Digest: 'sha256:00' } },
      ),
    );
    expect(seen).toEqual([
      { doneBytes: 50 },
      { doneBytes: 50 },
      { doneBytes: 60, totalBytes: 1100 },
      { doneBytes: 110, totalBytes: 1100 },
      { doneBytes: 110, totalBytes: 1100 },
      { doneBytes: 1100, totalBytes: 1100 },
    ]);
  });

  test('counts the download of a pull, not the unpacking', async () => {
    const text = lines(
      layer('b', 'Pulling from r/a'),
      layer('a', 'Pulling fs layer'),
      layer('a', 'Downloading', 5, 10),
      layer('a', 'Download complete'),
      layer('a', 'Extracting', 1, 99),
      layer('a', 'Pull complete'),
      { status: 'Status: Downloaded newer image for r/a:b' },
    );
    expect((await run(text, pullProgress)).at(-1)).toEqual({ doneBytes: 10, totalBytes: 10 });
  });

  test('an error in the stream is a failure, though the answer was 200', async () => {
    const text = lines(layer('a', 'Pushing', 1, 2), { error: 'denied: x', errorDetail: { message: 'denied: y' } });
    await expect(run(text)).rejects.toThrow('denied: y');
    await expect(run(lines({ error: 'old style' }))).rejects.toThrow('old style');
  });

  test('a stream that just ends is a failure', async () => {
    await expect(run(lines(layer('a', 'Pushing', 1, 2)))).rejects.toThrow('before it was complete');
    await expect(run('')).rejects.toThrow('before it was complete');
  });
});
