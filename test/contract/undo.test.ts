import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollingBack, steps, undoing } from '../../steps/index.ts';
import { seeAws } from '../lab/aws-sight.ts';
import { seeSource } from '../lab/host-sight.ts';
import { factsThatDiffer } from '../lab/nasty/describe.ts';
import { openSuite, type Suite } from './suite.ts';

const outsideVolumes = 'outsideVolumes: { cache: commit, static: { volume: /usr/share/base-files } }\n';
const name = 'undo';
let suite: Suite;
let start: { plans: readonly (readonly string[])[]; aws: readonly string[]; source: ReadonlySet<string> };

async function look() {
  suite.forget();
  const plans = [];
  for (const step of steps) plans.push(await suite.plan(step));
  // AWS goes on listing for a while what has ended, and revisions that are no longer active.
  const aws = (await seeAws(suite.lab)).filter((line) => !/^definition | terminated$/.test(line));
  return { plans, aws, source: await seeSource(name) };
}

async function make(until: string): Promise<void> {
  suite.forget();
  for (const step of steps.slice(0, steps.findIndex(({ id }) => id === until) + 1)) await suite.make(step);
}

async function takeBack(): Promise<void> {
  suite.forget();
  for (const step of undoing) await suite.keepsTheContract(step);
}

beforeAll(async () => {
  suite = await openSuite(name, `settleSeconds: 1\n${outsideVolumes}`);
  start = await look();
});

afterAll(() => suite?.close());

describe('apply, then undo: everything is as at the start', () => {
  it('before cut-over', async () => {
    await make('register-tasks');
    await takeBack();
    const now = await look();
    expect(now.plans).toEqual(start.plans);
    expect(now.aws).toEqual(start.aws);
    expect(factsThatDiffer(start.source, now.source)).toEqual([]);
  });

  it('not while the target serves; after a rollback all but the disk, which may hold what nothing else does', async () => {
    await make('cut-over');
    suite.forget();
    await expect(takeBack()).rejects.toMatchObject({ code: 'not-rolled-back' });
    suite.forget();
    for (const step of rollingBack) await suite.make(step);
    await takeBack();
    const { aws, source } = await look();
    expect(aws.filter((line) => !start.aws.includes(line))).toEqual([
      'snapshot ebs-snapshot',
      'volume ecsodus-blog-data available',
    ]);
    expect(factsThatDiffer(start.source, source)).toEqual([]);
  });
});
