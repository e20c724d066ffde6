import type { TransferProgress } from './docker.ts';

/** One line of the JSON that push and pull send as they go. */
export interface TransferEvent {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number; readonly message?: string };
  readonly aux?: { readonly Digest?: string };
}

/** A failure that the engine reported in the stream, after it had answered 200. */
class TransferFailed extends Error {}

/** Reads a transfer to its end. An engine that falls silent without naming the digest has not finished. */
export async function follow(
  stream: AsyncIterable<Buffer | string>,
  onEvent: (event: TransferEvent) => void,
): Promise<void> {
  let finished = false;
  for await (const event of events(stream)) {
    const problem = event.errorDetail?.message ?? event.error;
    if (problem !== undefined) throw new TransferFailed(problem);
    finished ||= event.aux?.Digest !== undefined || /digest: sha256:|^Status: /i.test(event.status ?? '');
    onEvent(event);
  }
  if (!finished) throw new TransferFailed('the transfer ended before it was complete');
}

async function* events(stream: AsyncIterable<Buffer | string>): AsyncGenerator<TransferEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.flatMap(parsed);
  }
  yield* parsed(rest);
}

const parsed = (line: string): TransferEvent[] => (line.trim() === '' ? [] : [JSON.parse(line) as TransferEvent]);

export const pushProgress = (onProgress: (progress: TransferProgress) => void) =>
  layerProgress(onProgress, /^Pushing$/, /^(Pushed|Layer already exists|Mounted from)/);

/** Only the download is counted: unpacking has sizes of its own. */
export const pullProgress = (onProgress: (progress: TransferProgress) => void) =>
  layerProgress(onProgress, /^Downloading$/, /^(Download complete|Pull complete|Already exists)/);

/** Sums the layers. How much there is in all is known once every layer that was named has a size, or has been there already. */
function layerProgress(onProgress: (progress: TransferProgress) => void, moving: RegExp, done: RegExp) {
  const layers = new Map<string, Layer>();
  return ({ id, status = '', progressDetail }: TransferEvent): void => {
    if (id === undefined || !(named.test(status) || moving.test(status) || done.test(status))) return;
    const layer = layers.get(id) ?? { doneBytes: 0, totalBytes: 0, isSized: false };
    layers.set(id, layer);
    if (moving.test(status)) {
      // The tar around a layer makes it a little larger than announced.
      layer.totalBytes = Math.max(progressDetail?.total ?? 0, layer.totalBytes);
      layer.doneBytes = Math.min(progressDetail?.current ?? 0, layer.totalBytes);
    } else if (done.test(status)) layer.doneBytes = layer.totalBytes;
    layer.isSized ||= !named.test(status);
    if (!named.test(status)) onProgress(sum([...layers.values()]));
  };
}

/** A layer that is yet to come. */
const named = /^(Preparing|Waiting|Pulling fs layer)$/;

interface Layer {
  doneBytes: number;
  totalBytes: number;
  isSized: boolean;
}

function sum(layers: readonly Layer[]): TransferProgress {
  const doneBytes = layers.reduce((bytes, layer) => bytes + layer.doneBytes, 0);
  const totalBytes = layers.reduce((bytes, layer) => bytes + layer.totalBytes, 0);
  return layers.every(({ isSized }) => isSized) ? { doneBytes, totalBytes } : { doneBytes };
}
