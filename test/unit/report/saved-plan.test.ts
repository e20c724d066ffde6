import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPlan, requirePlanned } from '../../../src/cli/read-plan.ts';
import type { Dataset, WantedImage, Workload } from '../../../src/design.ts';
import { MigrationError } from '../../../src/errors.ts';
import type { PlanDocument } from '../../../src/report/plan-document.ts';
import { planDifferences, planHash } from '../../../src/report/saved-plan.ts';

const stop = {
  step: 'cut-over',
  id: 'stop:web',
  verb: 'stop',
  target: 'container web',
  reason: 'to stand still',
} as const;
const push = { step: 'push-images', id: 'push:web:1', verb: 'copy', target: 'r/web:1', reason: '' } as const;

const body = {
  version: 1,
  migration: 'blog',
  containers: [{ name: 'web', id: 'aaa' }],
  idle: [],
  workloads: [{ name: 'web', taskDefinition: { containerDefinitions: [{ memory: 64 }] } } as unknown as Workload],
  datasets: [
    { name: 'volumes/web', kind: 'directory', source: '/v', target: '/data/v', bytes: 7, files: 1 } as Dataset,
  ],
  images: [{ reference: 'r/web:1', id: 'sha256:1', bytes: 7 } as WantedImage],
  resources: [],
  changes: [push, stop],
  findings: [],
  accounting: [],
  totals: {},
} as unknown as Omit<PlanDocument, 'hash'>;
const saved: PlanDocument = { ...body, hash: planHash(body) };

const withMemory = (memory: number) =>
  [{ name: 'web', taskDefinition: { containerDefinitions: [{ memory }] } }] as unknown as readonly Workload[];

describe('a saved plan and the plan of today', () => {
  it.each<[string, Partial<PlanDocument>]>([
    ['nothing has moved', {}],
    ['some of it is done', { changes: [stop] }],
    ['data have grown', { datasets: saved.datasets.map((dataset) => ({ ...dataset, bytes: 9, files: 3 })) }],
    ['a prediction is another', { prediction: { bytesPerSecond: 1 } as PlanDocument['prediction'] }],
    ['prices have changed', { costs: { totalUsd: 1 } as PlanDocument['costs'] }],
    ['the instance has room for others', { instance: { type: 'm6i.large' } as PlanDocument['instance'] }],
    ['something else was not looked at', { unchecked: ['DNS'], irreversible: [], permissions: [], rules: [] }],
    ['a reason counts otherwise', { changes: [push, { ...stop, reason: 'another' }] }],
  ])('are one where %s', (_, now) => {
    expect(planDifferences(saved, { ...saved, ...now })).toEqual([]);
  });

  it.each<[string, Partial<PlanDocument>, string]>([
    [
      'a container was made anew',
      { containers: [{ name: 'web', id: 'bbb' }] },
      'container web is another now: id "aaa" → "bbb"',
    ],
    ['a container is gone', { containers: [] }, 'container web is gone'],
    ['a container is new', { containers: [...saved.containers, { name: 'db', id: 'c' }] }, 'container db is new'],
    [
      'a task definition differs',
      { workloads: withMemory(128) },
      'workload web is another now: taskDefinition.containerDefinitions.0.memory 64 → 128',
    ],
    [
      'data lie elsewhere',
      { datasets: saved.datasets.map((dataset) => ({ ...dataset, source: '/w' })) },
      'dataset volumes/web is another now: source "/v" → "/w"',
    ],
    [
      'there is more to do',
      { changes: [{ ...stop, id: 'stop:db' }] },
      'not in the plan: cut-over: stop container web (to stand still)',
    ],
    [
      'a change does something else',
      { changes: [{ ...stop, target: 'db' }] },
      'not in the plan: cut-over: stop db (to stand still)',
    ],
  ])('differ where %s', (_, now, line) => {
    expect(planDifferences(saved, { ...saved, ...now })).toEqual([line]);
  });

  it('stop a run that would do something else', () => {
    expect(() => requirePlanned('plan.json', saved, { ...saved, containers: [] })).toThrow(
      expect.objectContaining({ code: 'plan-changed', evidence: ['container web is gone'] }),
    );
  });
});

describe('the file of a saved plan', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.json');

  it('is read as it was written', async () => {
    writeFileSync(file, JSON.stringify(saved, undefined, 2));
    expect(await readPlan(file, 'blog')).toEqual(saved);
  });

  it.each([
    ['no JSON', 'plan {', /is not JSON/],
    ['something else', '{"name": "blog"}', /is not a plan/],
    ['edited', JSON.stringify({ ...saved, changes: [] }), /hash does not match/],
    ['of a newer version', JSON.stringify({ ...saved, version: 2 }), /newer ecsodus/],
    ['empty', '', /is not JSON/],
  ])('is refused where it is %s', async (_, text, message) => {
    writeFileSync(file, text);
    const error = await readPlan(file, 'blog').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MigrationError);
    expect(error).toMatchObject({ code: 'plan-unusable', message: expect.stringMatching(message) });
  });

  it('is refused where it is not there, and where it is of another migration', async () => {
    writeFileSync(file, JSON.stringify(saved));
    await expect(readPlan(file, 'shop')).rejects.toThrow('"blog", not "shop"');
    await expect(readPlan(`${file}.no`, 'blog')).rejects.toMatchObject({ code: 'plan-unusable' });
  });
});
