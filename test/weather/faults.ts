/** Shares of all requests. What is left of 1 is served as it should be. */
type Odds<Kind extends string> = Readonly<Record<Kind, number>>;

/** What may meet a call of AWS. A lost answer: the call was passed on and had its effect. */
export const awsOdds = { throttled: 0.05, failing: 0.03, reset: 0.03, 'answer-lost': 0.04, slow: 0.04 } as const;

/** Of the reads that could be answered from before a change, so many are. */
export const staleOdds = 0.5;

/** What may meet a request to the registry. */
export const registryOdds = { busy: 0.04, failing: 0.03, reset: 0.03 } as const;

/** The fault one request meets, or none: a single draw decides, so that the shares add up. */
export function deal<Kind extends string>(odds: Odds<Kind>, draw: number): Kind | undefined {
  let reached = 0;
  for (const [kind, share] of Object.entries(odds) as [Kind, number][]) {
    reached += share;
    if (draw < reached) return kind;
  }
  return undefined;
}

/** How many faults of each kind were dealt. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }
}
