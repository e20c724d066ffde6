import { describe, expect, it } from 'vitest';
import type { WantedImage, Workload, WorkloadSecret } from '../../../src/design.ts';
import { type Billed, costsOf } from '../../../src/report/costs.ts';

const gib = 1024 ** 3;
const day = 86_400;
const month = 730 * 3600;

const secret = (store: WorkloadSecret['store'], name: string): WorkloadSecret => ({
  store,
  name,
  container: 'web',
  variable: 'KEY',
});
const workload = (...secrets: WorkloadSecret[]) => ({ name: 'web', secrets }) as unknown as Workload;

/** A droplet of 2 vCPUs and 4 GiB, up for ten days, that sends so many GB a month. */
const droplet = (gbAMonth: number) => ({
  cpus: 2,
  memoryBytes: 3.83 * gib,
  uptimeSeconds: 10 * day,
  sentBytes: (gbAMonth * gib * 10 * day) / month,
});

const billed = (over: Partial<Billed> = {}): Billed => ({
  region: 'eu-central-1',
  machine: { type: 't3.medium', diskGib: 20, rootGib: 30, dataBytes: 10 * gib },
  design: { workloads: [], idle: [], images: [{ bytes: 2 * gib } as WantedImage] },
  sourceFacts: droplet(340),
  ...over,
});

const usdOf = (over?: Partial<Billed>) =>
  Object.fromEntries(costsOf(billed(over)).lines.map(({ what, monthlyUsd }) => [what, monthlyUsd]));
const outbound = (over: Partial<Billed>) => costsOf(billed(over)).lines.find(({ what }) => what === 'Outbound traffic');

describe('the costs of a month', () => {
  it('are the lines and their sum', () => {
    expect(usdOf()).toEqual({
      'Instance t3.medium': 35.04,
      'Data disk': 1.9,
      'Root disk': 2.86,
      'EBS snapshot': 0.54,
      'Public IPv4 address': 3.65,
      'Images in ECR': 0.2,
      'Outbound traffic': 21.6,
    });
    expect(costsOf(billed()).totalUsd).toBe(65.79);
  });

  it('say how each was reckoned', () => {
    const hows = costsOf(billed()).lines.map(({ how }) => how);
    expect(hows[0]).toBe('730 hours at 0.048 USD; Linux, on demand; processors that are busy all day cost extra');
    expect(hows[1]).toMatch(/^20 GiB of gp3 at 0.0952 USD/);
  });

  it('count every secret once, in its own store', () => {
    const [ssm, other] = [secret('ssm', '/a'), secret('secrets-manager', 'b')];
    const design = {
      ...billed().design,
      workloads: [workload(ssm, other, other)],
      idle: [workload(secret('secrets-manager', 'c'))],
    };
    expect(usdOf({ design })).toMatchObject({ 'Secrets in SSM': 0, 'Secrets in Secrets Manager': 0.8 });
  });

  it('are unknown, not guessed, where there is no price or no size', () => {
    const unsized = { type: undefined, diskGib: undefined, rootGib: 30, dataBytes: undefined };
    expect(usdOf({ machine: unsized })).toMatchObject({ Instance: undefined, 'Data disk': undefined });
    expect(costsOf(billed({ machine: unsized })).totalUsd).toBe(28.31);
    const elsewhere = costsOf(billed({ region: 'cn-north-1', sourceFacts: droplet(500) }));
    expect(elsewhere.lines.map(({ monthlyUsd }) => monthlyUsd)).toEqual(elsewhere.lines.map(() => undefined));
    expect(elsewhere.lines[0]?.how).toMatch(/^no price was found/);
    expect(elsewhere.totalUsd).toBeUndefined();
  });
});

describe('outbound traffic', () => {
  it.each<[string, Partial<Billed>, number | undefined, RegExp]>([
    ['beyond what is free', { sourceFacts: droplet(340) }, 21.6, /^240 GB at 0.09 USD; some 340 GB .* 10 days/],
    ['within it', { sourceFacts: droplet(96) }, 0, /^some 100 GB/],
    ['within it, where no price is known', { sourceFacts: droplet(4), region: 'cn-north-1' }, 0, /^some 0 GB/],
    ['beside what a droplet includes', { sourceFacts: droplet(340) }, 21.6, /includes 4000 GB/],
    ['of a source nobody looked at', { sourceFacts: undefined }, undefined, /not looked at/],
    ['just booted', { sourceFacts: { ...droplet(340), uptimeSeconds: day - 1 } }, undefined, /less than a day/],
  ])('%s', (_, over, usd, how) => {
    expect(outbound(over)).toMatchObject({ how: expect.stringMatching(how) });
    expect(outbound(over)?.monthlyUsd).toBe(usd);
  });

  it('is the same for a plan made again moments later', () => {
    const before = droplet(340);
    const after = { ...before, uptimeSeconds: before.uptimeSeconds + 20, sentBytes: before.sentBytes + 5e6 };
    expect(outbound({ sourceFacts: after })).toEqual(outbound({ sourceFacts: before }));
  });
});

describe('the droplet', () => {
  // MemTotal is what the kernel leaves of what was bought.
  it.each<[number, number, number | undefined]>([
    [1, 0.46, 4],
    [1, 0.95, 6],
    [1, 1.92, 12],
    [2, 1.92, 18],
    [2, 3.83, 24],
    [4, 7.76, 48],
    [8, 15.6, 96],
    [2, 7.76, undefined],
    [4, 16, undefined],
    [2, 3, undefined],
  ])('with %d vCPUs and %d GiB costs %s', (cpus, size, usd) => {
    const { droplet: found } = costsOf(billed({ sourceFacts: { ...droplet(0), cpus, memoryBytes: size * gib } }));
    expect(found.monthlyUsd).toBe(usd);
    expect(found.how).toMatch(usd === undefined ? /^no basic droplet has/ : /^a basic droplet/);
  });
});
