import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishing, rollingBack, rollingBackWithData, steps } from '../../steps/index.ts';
import { openSuite, type Suite } from './suite.ts';

/** So that what is done about data outside of volumes keeps to the contract too. */
const outsideVolumes = 'outsideVolumes: { cache: commit, static: { volume: /usr/share/base-files } }\n';
let suite: Suite;

beforeAll(async () => {
  suite = await openSuite('contract', `settleSeconds: 2\n${outsideVolumes}`);
});

afterAll(() => suite?.close());

describe('every step: planning writes nothing; apply, then plan is empty', () => {
  it('the whole plan before the first change', async () => {
    for (const step of steps) await suite.plan(step);
    suite.forget();
  });

  it.each(steps.map((step) => [step.id, step] as const))('%s', async (_, step) => suite.keepsTheContract(step));

  it('nothing is left of the whole migration', async () => {
    for (const step of steps) expect(await suite.plan(step), step.id).toEqual([]);
  });

  it.each([
    ['rollback', rollingBack],
    ['cut-over again, after the rollback', steps],
    ['rollback, with what was written on the target', rollingBackWithData],
    ['cut-over for the last time', steps],
    ['finish', finishing],
  ])('%s', async (_, all) => {
    for (const step of all) await suite.keepsTheContract(step);
  });
});
