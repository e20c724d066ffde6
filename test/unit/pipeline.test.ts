import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { interrupted } from '../../src/errors.ts';
import { type Journal, openJournal } from '../../src/journal.ts';
import { approvalOf, type Connections, planAll, type RunEvent, refuseBlockers, runSteps } from '../../src/pipeline.ts';
import type { Change, Step } from '../../src/step.ts';
import { runLine } from './cli/run-event-schema.ts';

const connections = {
  config: { accept: [] as string[] },
  signal: new AbortController().signal,
} as unknown as Connections;
const change = (id: string): Change => ({ id, verb: 'create', target: id, reason: 'a test' });

/** A step whose world is a list of what is left to do. */
function listStep(id: string, left: string[], act: (change: Change) => void = () => {}): Step {
  return {
    id,
    title: id,
    needs: [],
    plan: async () => ({ changes: left.map(change), outputs: {}, findings: [] }),
    apply: async (made) => {
      act(made);
      left.splice(left.indexOf(made.id), 1);
    },
    verify: async () => [{ name: id, status: left.length === 0 ? 'ok' : 'fail', reason: '' }],
  };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Ends every wait at once. */
async function inNoTime<T>(work: Promise<T>): Promise<T> {
  let ended = false;
  const settled = Promise.allSettled([work]).finally(() => {
    ended = true;
  });
  while (!ended) {
    await vi.advanceTimersByTimeAsync(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await settled;
  return work;
}

let journal: Journal;
let events: RunEvent[];

afterEach(async () => {
  vi.useRealTimers();
  for (const event of events) expect(runLine.safeParse(event).error).toBeUndefined();
  await journal.close();
});

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  journal = await openJournal(await mkdtemp(join(tmpdir(), 'pipeline-')), 'blog', () => new Date());
  events = [];
});

async function run(
  steps: readonly Step[],
  { selected = steps.map(({ id }) => id), stopping = new AbortController().signal } = {},
) {
  const plans = await planAll(steps, connections);
  const approved = new Set(plans.flatMap(({ step, plan }) => plan.changes.map((made) => approvalOf(step, made))));
  return runSteps(steps, connections, {
    journal,
    selected,
    approved,
    stopping,
    onEvent: (event) => events.push(event),
  });
}

const story = () => journal.entries.map(({ kind, step, id }) => `${kind} ${step} ${id}`);

describe('planning', () => {
  /** Notes what it was given, and gives its own name. */
  const giving = (
    id: string,
    needs: readonly string[],
    seen: string[],
    until: Promise<unknown> = Promise.resolve(),
  ) => ({
    ...listStep(id, []),
    needs,
    plan: async (context: object) => {
      await until;
      seen.push(
        `${id} after ${
          Object.keys(context)
            .filter((key) => key.startsWith('of-'))
            .join(' ') || 'nothing'
        }`,
      );
      return { changes: [], outputs: { [`of-${id}`]: true }, findings: [] };
    },
  });

  it('goes by what a step needs, and what that needs, and not by what else is planned beside it', async () => {
    const seen: string[] = [];
    const slow = gate();
    const planning = planAll(
      [
        giving('one', [], seen),
        giving('two', ['one'], seen, slow.opened),
        giving('three', ['one'], seen),
        giving('four', ['three', 'two'], seen),
      ],
      connections,
    );
    await vi.waitFor(() => expect(seen).toEqual(['one after nothing', 'three after of-one']));
    slow.open();
    const plans = await planning;
    expect(seen.slice(2)).toEqual(['two after of-one', 'four after of-one of-two of-three']);
    expect(plans.map(({ step }) => step)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('waits for all before it where something that it needs is not among them', async () => {
    const seen: string[] = [];
    await planAll([giving('one', [], seen), giving('two', [], seen), giving('last', ['cut-over'], seen)], connections);
    expect(seen.at(-1)).toBe('last after of-one of-two');
  });

  it('fails with what failed first in the order of the steps, once nothing is under way any more', async () => {
    const seen: string[] = [];
    const [slow, late] = [gate(), gate()];
    const failing = (id: string, until?: Promise<unknown>): Step => ({
      ...listStep(id, []),
      plan: async () => {
        await until;
        throw new Error(id);
      },
    });
    const planning = planAll(
      [failing('one', slow.opened), failing('two'), giving('three', [], seen, late.opened)],
      connections,
    );
    const failed = expect(planning).rejects.toThrow('one');
    slow.open();
    setImmediate(late.open);
    await failed;
    expect(seen).toHaveLength(1);
  });
});

describe('pipeline', () => {
  it('makes every change between begin and done, in order', async () => {
    await run([listStep('one', ['a', 'b']), listStep('two', ['c'])]);
    expect(story()).toEqual(['begin one a', 'done one a', 'begin one b', 'done one b', 'begin two c', 'done two c']);
    expect(events.filter(({ type }) => type === 'step-done')).toHaveLength(2);
  });

  it('only looks at steps that are not selected', async () => {
    await run([listStep('one', ['a']), listStep('two', ['b'])], { selected: ['two'] });
    expect(story()).toEqual(['begin two b', 'done two b']);
  });

  it('stops at the first failure, which the journal keeps', async () => {
    const failing = listStep('one', ['a', 'b'], () => {
      throw new Error('the disk is gone');
    });
    await expect(run([failing, listStep('two', ['c'])])).rejects.toThrow('the disk is gone');
    expect(story()).toEqual(['begin one a', 'failed one a']);
    expect(events.at(-1)).toEqual({ type: 'step-failed', step: 'one', message: 'the disk is gone' });
  });

  it('adopts what was begun and is found made, and tries again what is not', async () => {
    await journal.begin('one', change('a'));
    await journal.begin('one', change('b'));
    await run([listStep('one', ['b'])]);
    expect(story().slice(2)).toEqual(['done one a', 'begin one b', 'done one b']);
    expect(journal.entries[2]).toMatchObject({ adopted: true });
  });

  it('refuses a change that was not in the plan', async () => {
    const left = ['a'];
    const first = listStep('one', left);
    const steps = [{ ...first, plan: async () => ({ ...(await first.plan({} as never)), changes: left.map(change) }) }];
    const plans = await planAll(steps, connections);
    left.push('surprise');
    const approved = new Set(plans.flatMap(({ step, plan }) => plan.changes.map((made) => approvalOf(step, made))));
    const options = { journal, selected: ['one'], approved, stopping: new AbortController().signal, onEvent: () => {} };
    await expect(runSteps(steps, connections, options)).rejects.toMatchObject({
      code: 'plan-changed',
      evidence: ['not in the plan: create surprise (a test)'],
    });
    expect(story()).toEqual([]);
  });

  it('does not plan again what was planned moments ago and leaves nothing to do; what comes after, it does', async () => {
    const looks: string[] = [];
    const counted = (step: Step): Step => ({
      ...step,
      plan: async (context) => {
        looks.push(step.id);
        return step.plan(context);
      },
    });
    const steps = [listStep('one', []), listStep('two', ['a']), listStep('three', [])].map(counted);
    const plans = await planAll(steps, connections);
    const approved = new Set(plans.flatMap(({ step, plan }) => plan.changes.map((made) => approvalOf(step, made))));
    looks.length = 0;
    const stopping = new AbortController().signal;
    const selected = steps.map(({ id }) => id);
    await runSteps(steps, connections, { journal, selected, approved, stopping, onEvent: () => {}, fresh: plans });
    expect(looks).toEqual(['two', 'two', 'three']);
    expect(story()).toEqual(['begin two a', 'done two a']);
  });

  it('verifies at once the steps that fresh plans leave nothing to do in, and tells of them in order', async () => {
    const slow = gate();
    const first: Step = {
      ...listStep('one', []),
      verify: async () => {
        await slow.opened;
        return [{ name: 'page', status: 'fail', reason: '502' }];
      },
    };
    const second: Step = {
      ...listStep('two', []),
      verify: async () => {
        slow.open();
        throw new Error('it does not answer');
      },
    };
    const fresh = await planAll([first, second], connections);
    const options = { journal, selected: ['one', 'two'], approved: new Set<string>(), onEvent: () => {}, fresh };
    const running = runSteps([first, second], connections, { ...options, stopping: new AbortController().signal });
    await expect(running).rejects.toMatchObject({ code: 'check-failed', message: expect.stringContaining('one') });
  });

  it('does not call a step done that has something left to do', async () => {
    const step = { ...listStep('one', ['a']), apply: async () => {} };
    await expect(inNoTime(run([step]))).rejects.toMatchObject({ code: 'not-converged' });
  });

  it('looks again where something was made that is not listed yet', async () => {
    let looks = 0;
    const step: Step = {
      ...listStep('one', []),
      plan: async () => ({ changes: looks++ < 4 ? [change('a')] : [], outputs: {}, findings: [] }),
    };
    await inNoTime(run([step]));
    expect(events.filter(({ type }) => type === 'change-begin')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'step-done' });
  });

  it('does not call a step done whose check fails', async () => {
    const step: Step = {
      ...listStep('one', []),
      verify: async () => [{ name: 'page', status: 'fail', reason: '502' }],
    };
    await expect(run([step])).rejects.toMatchObject({ code: 'check-failed', evidence: ['page: 502'] });
  });

  it('stops before the next change when asked', async () => {
    const asked = new AbortController();
    const step = listStep('one', ['a', 'b'], () => asked.abort(interrupted()));
    await expect(run([step], { stopping: asked.signal })).rejects.toMatchObject({ code: 'interrupted' });
    expect(story()).toEqual(['begin one a', 'done one a']);
  });

  it.each([
    { mayStop: true as const, ends: ['begin one a', 'failed one a'], why: 'in the middle of a change that may stop' },
    { mayStop: undefined, ends: ['begin one a', 'done one a'], why: 'at the end of one that may not' },
  ])('stops $why', async ({ mayStop, ends }) => {
    const asked = new AbortController();
    const whole = listStep('one', ['a', 'b']);
    const step: Step = {
      ...whole,
      plan: async (context) => {
        const plan = await whole.plan(context);
        return { ...plan, changes: plan.changes.map((made) => ({ ...made, ...(mayStop && { mayStop }) })) };
      },
      apply: async (made, context) => {
        asked.abort(interrupted());
        // As a wait on timers ends: with an error of its own.
        if (context.signal.aborted) throw new Error('The operation was aborted');
        await whole.apply(made, context);
      },
    };
    await expect(run([step], { stopping: asked.signal })).rejects.toMatchObject({ code: 'interrupted' });
    expect(story()).toEqual(ends);
  });

  it('makes changes that belong together at once, and those after them when all are done', async () => {
    const left = ['a', 'b', 'c'];
    const step = listStep('one', left);
    const began: string[] = [];
    const both = gate();
    const atOnce: Step = {
      ...step,
      plan: async () => ({
        changes: left.map((id) => (id === 'c' ? change(id) : { ...change(id), together: 'pair' })),
        outputs: {},
        findings: [],
      }),
      apply: async (made, context) => {
        began.push(made.id);
        if (began.length === 2) both.open();
        await both.opened;
        await step.apply(made, context);
      },
    };
    await run([atOnce]);
    expect(story().slice(0, 2)).toEqual(['begin one a', 'begin one b']);
    expect(story().slice(2, 4).sort()).toEqual(['done one a', 'done one b']);
    expect(story().slice(4)).toEqual(['begin one c', 'done one c']);
  });

  it('ends the others when one of those fails, and tells of that one', async () => {
    const waiting: Step = {
      ...listStep('one', ['a', 'b']),
      plan: async () => ({
        changes: ['a', 'b'].map((id) => ({ ...change(id), together: 'pair' })),
        outputs: {},
        findings: [],
      }),
      apply: (made, { signal }) =>
        made.id === 'b'
          ? Promise.reject(new Error('the disk is gone'))
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended with it')))),
    };
    await expect(run([waiting])).rejects.toThrow('the disk is gone');
    expect(story().slice(2).sort()).toEqual(['failed one a', 'failed one b']);
  });

  it('lets something go on beside the changes, and ends it however they went', async () => {
    const states: string[] = [];
    const during = () => {
      states.push('begun');
      return async () => void states.push('ended');
    };
    await run([{ ...listStep('one', []), during }]);
    expect(states).toEqual([]);
    await run([{ ...listStep('one', ['a']), during }]);
    const failing = listStep('two', ['a'], () => {
      throw new Error('no');
    });
    await expect(run([{ ...failing, during }])).rejects.toThrow();
    expect(states).toEqual(['begun', 'ended', 'begun', 'ended']);
  });

  it('refuses blockers until each is settled, and then says that it was', async () => {
    const finding = { level: 'blocker', code: 'rm', subject: 'web', message: 'is --rm' } as const;
    const step: Step = {
      ...listStep('one', []),
      plan: async () => ({ changes: [], outputs: {}, findings: [finding] }),
    };
    const planned = (accept: readonly string[]) =>
      planAll([step], { ...connections, config: { ...connections.config, accept: [...accept] } });
    const open = await planned(['rm:other']);
    expect(() => refuseBlockers(open)).toThrow(
      expect.objectContaining({ code: 'blocked', hint: expect.stringContaining('rm:web') }),
    );
    const read = await planned(['rm:web']);
    expect(() => refuseBlockers(read)).not.toThrow();
    expect(read[0]?.plan.findings).toMatchObject([{ level: 'warning', message: expect.stringContaining('accepted') }]);
  });
});
