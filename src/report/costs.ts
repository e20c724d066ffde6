import { type Design, definedBy, type SecretStore } from '../design.ts';
import { type CostLine, inCents, line } from './cost-line.ts';
import { dropletLine, outboundLine, type SourceSize } from './droplet-costs.ts';
import type { Machine } from './machine.ts';
import { commonPrice, hoursPerMonth, instanceHour, regionalPrice } from './prices.ts';

export interface Costs {
  readonly lines: readonly CostLine[];
  readonly droplet: CostLine;
  /** Of the lines that are known. */
  readonly totalUsd: number | undefined;
}

/** What is paid for. */
export interface Billed {
  /** Undefined where AWS was not asked. */
  readonly region: string | undefined;
  readonly machine: Machine;
  readonly design: Pick<Design, 'workloads' | 'idle' | 'images'>;
  /** Undefined where the source was not. */
  readonly sourceFacts: SourceSize | undefined;
}

/** AWS's list prices a month for what the migration makes, beside what the source costs. */
export function costsOf(billed: Billed): Costs {
  const { design, sourceFacts, machine, region = '' } = billed;
  const lines = [
    instanceLine(machine, region),
    diskLine('Data disk', machine.diskGib, region),
    diskLine('Root disk', machine.rootGib, region),
    snapshotLine(machine, region),
    line('Public IPv4 address', commonPrice(region, 'ipv4Hour'), monthOfHours, 'of the instance'),
    registryLine(design, region),
    ...secretLines(design, region),
    outboundLine(sourceFacts, regionalPrice(region, 'outbound')),
  ];
  const known = lines.flatMap(({ monthlyUsd }) => monthlyUsd ?? []);
  return {
    lines,
    droplet: dropletLine(sourceFacts),
    totalUsd: known.length === 0 ? undefined : inCents(known.reduce((sum, usd) => sum + usd, 0)),
  };
}

const monthOfHours = { amount: hoursPerMonth, unit: 'hours' };

function instanceLine({ type }: Machine, region: string): CostLine {
  if (type === undefined) return line('Instance', instanceHour(region, ''), undefined, 'no type holds all workloads');
  const busy = /^t\d/.test(type) ? '; processors that are busy all day cost extra' : '';
  return line(`Instance ${type}`, instanceHour(region, type), monthOfHours, `Linux, on demand${busy}`);
}

function diskLine(what: string, amount: number | undefined, region: string): CostLine {
  const price = regionalPrice(region, 'gp3');
  if (amount === undefined) return line(what, price, undefined, 'how large it has to be is not known');
  return line(what, price, { amount, unit: 'GiB of gp3' }, 'with the speed that is included');
}

const gib = 1024 ** 3;

function snapshotLine({ dataBytes }: Machine, region: string): CostLine {
  const [what, price] = ['EBS snapshot', regionalPrice(region, 'snapshot')] as const;
  if (dataBytes === undefined) return line(what, price, undefined, 'how much data there is is not known');
  const note = 'the blocks of the data disk in use, as handed over at cut-over; finish keeps the newest';
  return line(what, price, { amount: dataBytes / gib, unit: 'GB' }, note);
}

function registryLine({ images }: Pick<Design, 'images'>, region: string): CostLine {
  const size = images.reduce((sum, { bytes }) => sum + bytes, 0);
  const note = 'before compression, so that it will be less; layers that images share are stored once';
  return line('Images in ECR', commonPrice(region, 'registryGbMonth'), { amount: size / gib, unit: 'GB' }, note);
}

const stores = {
  ssm: { what: 'Secrets in SSM', price: 'standardParameter', note: 'as standard parameters' },
  'secrets-manager': { what: 'Secrets in Secrets Manager', price: 'secretMonth', note: 'and calls that read them' },
} as const satisfies Readonly<Record<SecretStore, unknown>>;

function secretLines(design: Pick<Design, 'workloads' | 'idle'>, region: string): CostLine[] {
  const secrets = definedBy(design).flatMap((workload) => workload.secrets);
  return (['ssm', 'secrets-manager'] as const).flatMap((store) => {
    const { size } = new Set(secrets.filter((secret) => secret.store === store).map(({ name }) => name));
    const { what, price, note } = stores[store];
    return size === 0 ? [] : [line(what, commonPrice(region, price), { amount: size, unit: 'of them' }, note)];
  });
}
