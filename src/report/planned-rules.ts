import { everywhere, rangeOf, rulesFor } from '../aws/wanted-network.ts';
import { type Design, publicPorts } from '../design.ts';
import type { HostFacts } from '../inventory.ts';

/** One rule of the instance's security group. */
export interface PlannedRule {
  readonly port: number;
  /** A range; or whose address it will be, where that is not known yet. */
  readonly cidr: string;
  readonly description: string;
}

/** Whom the security group lets in: from the start, and from cut-over on. */
export const plannedRules = (
  design: Pick<Design, 'workloads'>,
  facts: Pick<HostFacts, 'address' | 'operatorAddress'> | undefined,
): PlannedRule[] => [
  ...rulesFor(design, {
    operator: rangeOf(facts?.operatorAddress ?? '') ?? 'your address',
    source: rangeOf(facts?.address ?? '') ?? "the source's address",
  }),
  ...publicPorts(design.workloads).map((port) => ({
    port,
    cidr: everywhere,
    description: 'visitors: opened at cut-over, once the target serves',
  })),
];
