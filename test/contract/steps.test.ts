import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../src/cli/session.ts';
import { readConfig } from '../../src/config.ts';
import type { Connections } from '../../src/pipeline.ts';
import { openState } from '../../src/state.ts';
import type { Outputs, Step, WriteContext } from '../../src/step.ts';
import { finishing, rollingBack, rollingBackWithData, steps } from '../../steps/index.ts';
import { clientView } from '../lab/client-view.ts';
import { down } from '../lab/down.ts';
import { makeOperator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';
import { lookingOnly } from './guard.ts';

const name = 'contract';
/** So that what is done about data outside of volumes keeps to the contract too. */
const outsideVolumes = 'outsideVolumes: { cache: commit, static: { volume: /usr/share/base-files } }\n';
let session: Session;
let outputs: Partial<Outputs> = {};

beforeAll(async () => {
  const lab = await up(name);
  const { directory } = await makeOperator(lab, { extra: `settleSeconds: 2\n${outsideVolumes}` });
  Object.assign(process.env, clientView(lab).env);
  const config = await readConfig(join(directory, 'ecsodus.yaml'));
  const options = { config: '', stateDir: '', sshConfig: clientView(lab).sshConfig };
  session = await openSession(
    options,
    config,
    openState(join(directory, '.ecsodus'), config.name),
    new AbortController().signal,
  );
});

afterAll(async () => {
  session?.close();
  await down(name);
});

const context = (connections: Connections = session.connections): WriteContext => ({
  ...connections,
  ...(outputs as Outputs),
  progress: () => {},
});

/** Looks with readers only, and keeps what it found for the steps after it. */
async function plan(step: Step) {
  const found = await step.plan(context(lookingOnly(session.connections)));
  outputs = { ...outputs, ...found.outputs };
  return found;
}

const ids = ({ changes }: { readonly changes: readonly { readonly id: string }[] }) => changes.map(({ id }) => id);

/** What every step must keep to, whatever it does. */
async function keepsTheContract(step: Step): Promise<void> {
  const planned = await plan(step);
  expect(new Set(ids(planned)).size, 'ids are unique').toBe(planned.changes.length);
  expect(JSON.parse(JSON.stringify(planned.changes)), 'changes are JSON').toEqual(planned.changes);
  expect(ids(await plan(step)), 'planning twice says the same').toEqual(ids(planned));
  // Each is made twice: a change whose `done` was never written is made again, and that must do no harm.
  for (const change of planned.changes) {
    await step.apply(change, context());
    await step.apply(change, context());
  }
  expect(ids(await plan(step)), 'nothing is left').toEqual([]);
  const checks = await step.verify(context(lookingOnly(session.connections)));
  expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
}

describe('every step: planning writes nothing; apply, then plan is empty', () => {
  it('the whole plan before the first change', async () => {
    for (const step of steps) await plan(step);
    outputs = {};
  });

  it.each(steps.map((step) => [step.id, step] as const))('%s', async (_, step) => keepsTheContract(step));

  it('nothing is left of the whole migration', async () => {
    for (const step of steps) expect(ids(await plan(step)), step.id).toEqual([]);
  });

  it('rollback', async () => {
    for (const step of rollingBack) await keepsTheContract(step);
  });

  it('cut-over again, after the rollback', async () => {
    for (const step of steps) await keepsTheContract(step);
  });

  it('rollback, with what was written on the target', async () => {
    for (const step of rollingBackWithData) await keepsTheContract(step);
  });

  it('cut-over for the last time', async () => {
    for (const step of steps) await keepsTheContract(step);
  });

  it('finish', async () => {
    for (const step of finishing) await keepsTheContract(step);
  });
});
