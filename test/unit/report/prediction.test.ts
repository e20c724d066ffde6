import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import type { Dataset, Design, WantedImage, Workload } from '../../../src/design.ts';
import { type Ahead, predictionOf } from '../../../src/report/prediction.ts';

const image = { reference: 'r/web:1', bytes: 250e6 } as WantedImage;
const dataset = (bytes: number, files: number): Dataset => ({ name: 'volumes/db', bytes, files }) as Dataset;
const small = dataset(1e9, 40_000);

const workload = (name: string, ...containerDefinitions: ContainerDefinition[]): Workload =>
  ({
    name,
    containers: containerDefinitions.map((each) => each.name),
    taskDefinition: { containerDefinitions },
  }) as unknown as Workload;

const checked = (name: string, interval: number, ...after: string[]): ContainerDefinition => ({
  name,
  healthCheck: { command: ['CMD', 'true'], interval },
  dependsOn: after.map((containerName) => ({ containerName, condition: 'HEALTHY' })),
});

function predicted(over: Partial<Ahead> & Partial<Pick<Design, 'datasets' | 'workloads'>> = {}, yaml = '') {
  const datasets = over.datasets ?? [small];
  const workloads = over.workloads ?? [workload('web', { name: 'web' })];
  const ahead = { images: [image], datasets, isCutOverAhead: true, linkBytesPerSecond: undefined, ...over };
  return predictionOf(
    ahead,
    { datasets, workloads, watchers: [] } as unknown as Design,
    parseConfig(`source: droplet\n${yaml}`),
  );
}

const seconds = (part: string, found = predicted()) => found.freeze.find((each) => each.part === part)?.seconds;
const why = (part: string, found = predicted()) => found.freeze.find((each) => each.part === part)?.why;

describe('what is sent', () => {
  it('goes at an assumed rate, and says so, until one was measured', () => {
    expect(predicted()).toMatchObject({ bytesPerSecond: 25e6, isMeasured: false, images: [{ seconds: 10 }] });
    expect(predicted({ linkBytesPerSecond: 50e6 })).toMatchObject({
      bytesPerSecond: 50e6,
      isMeasured: true,
      images: [{ reference: 'r/web:1', bytes: 250e6, seconds: 5 }],
    });
  });

  it.each<[string, Dataset, string, number | undefined]>([
    ['by its bytes', dataset(1e9, 1), '', 40],
    ['and its files', small, '', 50],
    ['no faster than it may', dataset(1e9, 1), 'bwlimit: 9766', 100],
    ['not at all where nobody looked at it', dataset(0, 0), '', undefined],
  ])('data take time %s', (_, one, yaml, expected) => {
    expect(predicted({ datasets: [one] }, yaml).datasets[0]?.seconds).toBe(expected);
  });
});

describe('the freeze', () => {
  it('is made of its parts, each with a reason', () => {
    const { freeze } = predicted();
    expect(freeze.map(({ part }) => part)).toEqual(['stop', 'last delta', 'proof', 'hand-over', 'start']);
    expect(freeze.filter((each) => each.why.length < 20)).toEqual([]);
  });

  it('is empty where no cut-over is ahead, and without data has nothing to copy', () => {
    expect(predicted({ isCutOverAhead: false }).freeze).toEqual([]);
    expect(predicted({ datasets: [] }).freeze.map(({ part }) => part)).toEqual(['stop', 'hand-over', 'start']);
  });

  it('does not grow with the data, but with entries and with files that are written to in part', () => {
    const of = (one: Dataset) => seconds('last delta', predicted({ datasets: [one] })) ?? 0;
    expect(of(dataset(400e9, 100_000))).toBe(of(dataset(4e9, 100_000)));
    expect(of(dataset(4e9, 1_000_000))).toBeGreaterThan(of(dataset(4e9, 1000)) + 15);
    // As measured for a table space of 4.5 GB: 8 s, and 3 for its proof.
    expect(of(dataset(4.5e9, 10))).toBeCloseTo(9.3, 0);
    expect(seconds('proof', predicted({ datasets: [dataset(4.5e9, 10)] }))).toBe(3);
  });

  it('says where it cannot tell', () => {
    expect(why('last delta', predicted({ datasets: [dataset(0, 0)] }))).toMatch(/size of 1 of them is not known/);
  });

  it('stops in rounds', () => {
    const workloads = [workload('shop', { name: 'db' }, { name: 'web', links: ['db'] })];
    expect(seconds('stop')).toBe(0.5);
    expect(seconds('stop', predicted({ workloads }))).toBe(1);
    expect(why('stop', predicted({ workloads }))).toMatch(/^2 containers in 2 rounds/);
  });

  it.each<[string, ContainerDefinition[], string, number]>([
    ['no check', [{ name: 'web' }], '', 4],
    ['a check', [checked('web', 30)], '', 34],
    ['two at once', [checked('web', 30), checked('db', 10)], '', 34],
    ['one after another', [checked('db', 10), checked('web', 30, 'db')], '', 44],
    ['a check, where pages decide', [checked('web', 30)], 'checks: [http://a.example/]', 4],
    [
      'one after another, where pages decide',
      [checked('db', 10), checked('web', 30, 'db')],
      'checks: [http://a.example/]',
      14,
    ],
    ['a circle', [checked('a', 10, 'b'), checked('b', 10, 'a')], '', 24],
    ['ECS’s own interval', [{ name: 'web', healthCheck: { command: ['CMD', 'true'] } }], '', 34],
  ])('waits at the start for %s', (_, definitions, yaml, expected) => {
    expect(seconds('start', predicted({ workloads: [workload('shop', ...definitions)] }, yaml))).toBe(expected);
  });
});
