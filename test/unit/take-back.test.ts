import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../src/cli/drawn-run.ts';
import { runOrTakeBack } from '../../src/cli/take-back.ts';
import { interrupted, MigrationError } from '../../src/errors.ts';
import { openJournal } from '../../src/journal.ts';
import type { Step } from '../../src/step.ts';

let run: Run;
let asked: AbortController;

beforeEach(async () => {
  asked = new AbortController();
  const journal = await openJournal(await mkdtemp(join(tmpdir(), 'take-back-')), 'blog', () => new Date());
  run = {
    options: { config: '', stateDir: '', quiet: true },
    config: {} as never,
    connections: { config: { accept: [] }, signal: new AbortController().signal } as never,
    journal,
    stopping: asked.signal,
  };
});

afterEach(() => run.journal.close());

const step = (
  id: string,
  changes: readonly string[],
  apply: Step['apply'],
  verify: Step['verify'] = async () => [],
): Step => {
  const left = [...changes];
  return {
    id,
    title: id,
    needs: [],
    plan: async () => ({
      changes: left.map((name) => ({ id: name, verb: 'stop', target: name, reason: '' })),
      outputs: {},
      findings: [],
    }),
    apply: async (change, context) => {
      await apply(change, context);
      left.shift();
    },
    verify,
  };
};

const fail = async () => {
  throw new MigrationError('not-healthy', 'It does not start.', { hint: 'Mend it.' });
};

/** Runs the steps, with one that records that it was called as the way back. */
async function outcome(steps: readonly Step[]): Promise<{ error: unknown; tookBack: boolean }> {
  let tookBack = false;
  const back = step('rollback', ['start:db'], async () => {
    tookBack = true;
  });
  const plans = await Promise.all(
    steps.map(async (one) => ({ step: one.id, title: one.id, plan: await one.plan({} as never) })),
  );
  const request = { steps, selected: steps.map(({ id }) => id), takeBack: [back], closing: '' };
  const error = await runOrTakeBack(run, request, plans).catch((caught: unknown) => caught);
  return { error, tookBack };
}

describe('the source takes over again', () => {
  it('when the run that stopped it fails', async () => {
    const { error, tookBack } = await outcome([step('cut-over', ['stop:db'], fail)]);
    expect(tookBack).toBe(true);
    expect(error).toMatchObject({
      code: 'not-healthy',
      message: 'It does not start. The source has taken over again.',
      hint: 'Mend it.',
    });
  });

  it('also when the failure is a bug of ours', async () => {
    const bug = async () => {
      throw new TypeError('undefined is not a function');
    };
    expect(await outcome([step('cut-over', ['fence:target'], bug)])).toMatchObject({
      tookBack: true,
      error: expect.any(TypeError),
    });
  });

  it('when the operator asks for a stop while the site is down', async () => {
    const { error, tookBack } = await outcome([
      step('cut-over', ['stop:db', 'delta:db-data'], async () => asked.abort(interrupted())),
    ]);
    expect(tookBack).toBe(true);
    expect(error).toMatchObject({
      code: 'interrupted',
      message: 'Stopped at a safe point, as you asked. The source has taken over again.',
      hint: 'Go on: ecsodus run',
    });
  });

  it('not when a stop is asked for once visitors come to the target: the rest is made', async () => {
    const made: string[] = [];
    const { error, tookBack } = await outcome([
      step('cut-over', ['start:db', 'open:80', 'forward:80', 'keep:db-data'], async ({ id }) => {
        made.push(id);
        if (id === 'open:80') asked.abort(interrupted());
      }),
    ]);
    expect({ error, tookBack, made: made.length }).toEqual({ error: undefined, tookBack: false, made: 4 });
  });

  it('not when a stop is asked for before the site is down', async () => {
    const { error, tookBack } = await outcome([
      step('cut-over', ['catch-up:db', 'stop:db'], async () => asked.abort(interrupted())),
    ]);
    expect(tookBack).toBe(false);
    expect(error).toMatchObject({ code: 'interrupted', hint: expect.stringContaining('ecsodus run') });
  });

  it.each<[string, Step[]]>([
    ['a step before cut-over fails', [step('sync-data', ['stop:db'], fail)]],
    ['an earlier run handed the data over', [step('cut-over', ['start:web', 'forward:80'], fail)]],
    ['cut-over stood its checks', [step('cut-over', ['stop:db'], async () => {}), step('verify', ['x'], fail)]],
  ])('not when %s', async (_, steps) => {
    const { error, tookBack } = await outcome(steps);
    expect(tookBack).toBe(false);
    expect(error).toMatchObject({ message: 'It does not start.' });
  });
});
