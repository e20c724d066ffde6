import type { HostFacts } from '../inventory.ts';
import { type CostLine, line } from './cost-line.ts';
import { type DropletPlan, dropletPlan, dropletSource } from './droplet-plans.ts';
import { freeOutboundGb, hoursPerMonth, type Price } from './prices.ts';
import { count } from './units.ts';

export type SourceSize = Pick<HostFacts, 'cpus' | 'memoryBytes' | 'uptimeSeconds' | 'sentBytes'>;

/** What the source costs, if it is a basic droplet of its size. */
export function dropletLine(facts: SourceSize | undefined): CostLine {
  const plan = facts && dropletPlan(facts);
  const size = facts && `${count(facts.cpus, 'vCPU')} and ${(facts.memoryBytes / 1024 ** 3).toFixed(1)} GiB`;
  const how =
    plan === undefined
      ? `${size === undefined ? 'the source was not looked at' : `no basic droplet has ${size}`}: what it costs stands in its bill`
      : `a basic droplet with a regular processor, by its ${size}; with a premium or dedicated one it costs more. ${included(plan)}`;
  return { what: 'The droplet', monthlyUsd: plan?.monthlyUsd, how, ...dropletSource };
}

const included = ({ transferGb }: DropletPlan): string => `${transferGb} GB of outbound traffic a month are included.`;

const day = 86_400;
const gb = 1024 ** 3;

/**
 * Outbound traffic, as the source's own counter has it since it booted. To the next ten GB: it is a rough figure, and the
 * same plan made twice should be the same.
 */
export function outboundLine(facts: SourceSize | undefined, price: Price): CostLine {
  const what = 'Outbound traffic';
  if (facts === undefined) return line(what, price, undefined, 'the source was not looked at');
  const days = Math.floor(facts.uptimeSeconds / day);
  if (days < 1)
    return line(what, price, undefined, 'the source booted less than a day ago: its counter says too little');
  const monthly = (facts.sentBytes / facts.uptimeSeconds) * hoursPerMonth * 3600;
  const sentGb = Math.round(monthly / gb / 10) * 10;
  const plan = dropletPlan(facts);
  const note = [
    `some ${sentGb} GB a month, by what the source has sent in the ${count(days, 'day')} since it booted`,
    `AWS bills what is beyond ${freeOutboundGb} GB a month`,
    'what the migration itself sends is counted in there, and ends with it',
    ...(plan ? [`the droplet's price includes ${plan.transferGb} GB`] : []),
  ].join('; ');
  if (sentGb <= freeOutboundGb) return { what, monthlyUsd: 0, how: note, source: price.source, date: price.date };
  return line(what, price, { amount: sentGb - freeOutboundGb, unit: 'GB' }, note);
}
