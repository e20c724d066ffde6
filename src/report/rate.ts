/** Below this a difference says more about the clock than about the link. */
const leastMs = 1000;
/** A burst has lost most of its weight after so long. */
const smoothMs = 5000;
/** Who has said nothing for so long may stand still. */
const silentMs = 10_000;

export interface Rate {
  /** `now` in ms. Fewer bytes than before are a new beginning. */
  readonly see: (doneBytes: number, now: number) => void;
  /** Bytes a second; undefined while nobody can tell. */
  readonly at: (now: number) => number | undefined;
}

/** How fast something is on its way, without the jumps. What was there at the first look was not sent since. */
export function smoothedRate(): Rate {
  let last: { readonly bytes: number; readonly at: number } | undefined;
  let rate: number | undefined;
  return {
    see: (bytes, now) => {
      if (last === undefined || bytes < last.bytes) {
        last = { bytes, at: now };
        rate = undefined;
        return;
      }
      const ms = now - last.at;
      if (ms < leastMs) return;
      const current = ((bytes - last.bytes) / ms) * 1000;
      rate = rate === undefined ? current : rate + (1 - Math.exp(-ms / smoothMs)) * (current - rate);
      last = { bytes, at: now };
    },
    at: (now) => (last !== undefined && now - last.at <= silentMs ? rate : undefined),
  };
}
