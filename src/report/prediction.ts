import type { Config } from '../config.ts';
import type { Dataset, Design, WantedImage } from '../design.ts';
import { type FreezePart, freezeParts } from './freeze-parts.ts';
import { isSized } from './sized.ts';

/** How long things will take. */
export interface Prediction {
  /** From the source to the target. */
  readonly bytesPerSecond: number;
  /** By an earlier run; else it is assumed. */
  readonly isMeasured: boolean;
  /** To push. */
  readonly images: readonly { readonly reference: string; readonly bytes: number; readonly seconds: number }[];
  /** To copy while the source runs; one whose size nobody looked at is not among them. */
  readonly datasets: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly files: number;
    readonly seconds: number;
  }[];
  /** What the downtime is made of; empty where no cut-over is ahead. */
  readonly freeze: readonly FreezePart[];
}

/** Until there is a target to measure the link to: a tenth of the 2 Gbit/s that a droplet may send. */
const assumedBytesPerSecond = 25e6;

/** Small files cost a round of looking, opening and naming each, on whatever link. */
const filesPerSecond = 4000;

/** What is left to do. */
export interface Ahead {
  /** To push. */
  readonly images: readonly WantedImage[];
  /** To copy while the source runs. */
  readonly datasets: readonly Dataset[];
  readonly isCutOverAhead: boolean;
  /** As an earlier run measured it. */
  readonly linkBytesPerSecond: number | undefined;
}

export function predictionOf(ahead: Ahead, design: Design, config: Config): Prediction {
  const bytesPerSecond = ahead.linkBytesPerSecond ?? assumedBytesPerSecond;
  const copied = Math.min(bytesPerSecond, (config.bwlimit ?? Number.POSITIVE_INFINITY) * 1024);
  return {
    bytesPerSecond,
    isMeasured: ahead.linkBytesPerSecond !== undefined,
    images: ahead.images.map(({ reference, bytes }) => ({
      reference,
      bytes,
      seconds: inTenths(bytes / bytesPerSecond),
    })),
    datasets: ahead.datasets.filter(isSized).map(({ name, bytes, files }) => ({
      name,
      bytes,
      files,
      seconds: inTenths(bytes / copied + files / filesPerSecond),
    })),
    freeze: ahead.isCutOverAhead ? freezeParts(design, config, bytesPerSecond) : [],
  };
}

const inTenths = (seconds: number): number => Math.round(seconds * 10) / 10;
