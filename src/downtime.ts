import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './answers.ts';
import type { Config } from './config.ts';
import type { Design } from './design.ts';
import { duration } from './report/units.ts';
import type { StateReader } from './state.ts';
import type { Progress, WriteContext } from './step.ts';

const file = 'downtime.json';
const betweenMs = 100;
const patienceMs = 1000;
/** How long the first good answer is waited for when the last visitors were sent on a moment ago. */
const lastWordMs = 3000;

/** When visitors of the old address last had a good answer before the freeze, and first had one after it (ISO 8601). */
interface Silence {
  readonly lastGoodAt: string;
  readonly firstGoodAt?: string;
}

/** Seconds without a good answer at the old address; undefined where that was not measured, or has no end yet. */
export async function readDowntime(state: StateReader): Promise<number | undefined> {
  const found = parse(await state.read(file));
  return found?.firstGoodAt === undefined
    ? undefined
    : (Date.parse(found.firstGoodAt) - Date.parse(found.lastGoodAt)) / 1000;
}

const parse = (text: string | undefined): Silence | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as Silence);

/**
 * Asks at the old address as a visitor would, over and over, until the function it gives is called; what it found is in
 * the state folder then. A run that goes on where an earlier one was stopped goes on with that one's silence.
 */
export function watchOldAddress({ source, config, design, state, progress }: WriteContext): () => Promise<void> {
  const visit = visitor(config, design, source.address);
  if (visit === undefined) return async () => {};
  let until = Number.POSITIVE_INFINITY;
  const watching = unfinished(visit, state).then((earlier) => listen(visit, earlier, () => until, progress));
  return async () => {
    until = Date.now() + lastWordMs;
    const found = await watching;
    if (found !== undefined) await state.write(file, JSON.stringify(found));
  };
}

/** The silence that an earlier run left; where visitors are answered by now it is over, and nobody saw when. */
async function unfinished(visit: () => Promise<boolean>, state: StateReader): Promise<Silence | undefined> {
  const earlier = parse(await state.read(file));
  return earlier === undefined || earlier.firstGoodAt !== undefined || (await visit()) ? undefined : earlier;
}

/** The longest silence, or the one that has no end: the end of one is waited for until `until` (ms since the epoch). */
async function listen(
  visit: () => Promise<boolean>,
  earlier: Silence | undefined,
  until: () => number,
  progress: WriteContext['progress'],
): Promise<Silence | undefined> {
  let silence = earlier;
  let lastGoodAt: string | undefined;
  let longest: Silence | undefined;
  if (silence !== undefined) progress(waiting(silence));
  while (until() === Number.POSITIVE_INFINITY || (silence !== undefined && Date.now() < until())) {
    const now = new Date().toISOString();
    if (await visit()) {
      if (silence !== undefined) {
        longest = longer(longest, { ...silence, firstGoodAt: new Date().toISOString() });
        progress({ message: `visitors waited ${duration(lengthOf(longest) / 1000)}` });
      }
      silence = undefined;
      lastGoodAt = now;
    } else if (lastGoodAt !== undefined && silence === undefined) {
      silence = { lastGoodAt };
      progress(waiting(silence));
    }
    await delay(betweenMs);
  }
  return silence ?? longest;
}

const waiting = ({ lastGoodAt }: Silence): Progress => ({ message: 'visitors wait', since: lastGoodAt });

const lengthOf = ({ lastGoodAt, firstGoodAt = '' }: Silence): number =>
  Date.parse(firstGoodAt) - Date.parse(lastGoodAt);

const longer = (one: Silence | undefined, other: Silence): Silence =>
  one !== undefined && lengthOf(one) >= lengthOf(other) ? one : other;

/** The first page to be checked; without one, whether the first published port opens. */
function visitor(
  { checks }: Pick<Config, 'checks'>,
  { workloads }: Pick<Design, 'workloads'>,
  address: string,
): (() => Promise<boolean>) | undefined {
  const url = checks[0];
  if (url !== undefined)
    return async () => {
      const { status } = await ask(url, address, patienceMs);
      return status > 0 && status < 500;
    };
  const port = workloads.flatMap(({ ports }) => ports)[0];
  return port === undefined ? undefined : () => opens(address, port);
}

const opens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceMs });
    const answer = (opened: boolean) => {
      socket.destroy();
      resolve(opened);
    };
    socket.on('connect', () => answer(true));
    socket.on('timeout', () => answer(false));
    socket.on('error', () => answer(false));
  });
