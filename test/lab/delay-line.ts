import { Duplex } from 'node:stream';

interface Waiting {
  readonly due: number;
  /** Null is the end. */
  readonly chunk: Buffer | null;
}

const mostBytes = 64 * 2 ** 20;

/** What is written comes out as it was, in its order, this much later: any number of chunks may be under way at once. */
export class DelayLine extends Duplex {
  readonly #delayMs: number;
  readonly #mostBytes: number;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #reads = false;
  /** Held back while the line is full. */
  #goOn: (() => void) | undefined;

  constructor(delayMs: number, limit = mostBytes) {
    super({ readableHighWaterMark: 2 ** 20, writableHighWaterMark: 2 ** 20 });
    this.#delayMs = delayMs;
    this.#mostBytes = limit;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#bytes += chunk.length;
    this.#add(chunk);
    if (this.#bytes < this.#mostBytes) done();
    else this.#goOn = done;
  }

  override _final(done: () => void): void {
    this.#add(null);
    done();
  }

  override _read(): void {
    this.#reads = true;
    this.#deliver();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    done(error);
  }

  #add(chunk: Buffer | null): void {
    this.#waiting.push({ due: performance.now() + this.#delayMs, chunk });
    this.#deliver();
  }

  /** Hands over all that is due, and wakes again for the next. */
  #deliver(): void {
    if (this.#timer) return;
    for (let first = this.#firstDue(); first; first = this.#firstDue()) {
      this.#waiting.shift();
      this.#bytes -= first.chunk?.length ?? 0;
      this.#reads = this.push(first.chunk);
    }
    if (this.#bytes < this.#mostBytes) this.#release();
    const [next] = this.#waiting;
    if (next && this.#reads) this.#wakeAt(next.due);
  }

  #firstDue(): Waiting | undefined {
    const [first] = this.#waiting;
    return first && this.#reads && first.due <= performance.now() ? first : undefined;
  }

  #wakeAt(due: number): void {
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#deliver();
      },
      Math.ceil(due - performance.now()),
    );
  }

  #release(): void {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }
}
