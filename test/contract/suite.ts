import { join } from 'node:path';
import { expect } from 'vitest';
import { openSession } from '../../src/cli/session.ts';
import { readConfig } from '../../src/config.ts';
import type { Connections } from '../../src/pipeline.ts';
import { openState } from '../../src/state.ts';
import type { Outputs, Step, WriteContext } from '../../src/step.ts';
import { clientView } from '../lab/client-view.ts';
import { down } from '../lab/down.ts';
import type { Lab } from '../lab/lab.ts';
import { makeOperator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';
import { lookingOnly } from './guard.ts';

export interface Suite {
  readonly lab: Lab;
  /** Looks with readers only, and keeps what it found for the steps after it; ids of what is left to do. */
  readonly plan: (step: Step) => Promise<string[]>;
  /** Its changes made once, as a run does. */
  readonly make: (step: Step) => Promise<void>;
  /** What every step must keep to, whatever it does; its changes are made. */
  readonly keepsTheContract: (step: Step) => Promise<void>;
  /** Forgets what steps found. */
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

/** A lab, and the connections that a run has. `extra` is YAML for ecsodus.yaml. */
export async function openSuite(name: string, extra: string): Promise<Suite> {
  const lab = await up(name);
  const { directory } = await makeOperator(lab, { extra });
  Object.assign(process.env, clientView(lab).env);
  const config = await readConfig(join(directory, 'ecsodus.yaml'));
  const options = { config: '', stateDir: '', sshConfig: clientView(lab).sshConfig };
  const state = openState(join(directory, '.ecsodus'), config.name);
  const { connections, close } = await openSession(options, config, state, new AbortController().signal);
  let outputs: Partial<Outputs> = {};

  const context = (with_: Connections = connections): WriteContext => ({
    ...with_,
    ...(outputs as Outputs),
    progress: () => {},
  });
  const look = async (step: Step) => {
    const found = await step.plan(context(lookingOnly(connections)));
    outputs = { ...outputs, ...found.outputs };
    return found;
  };
  const plan = async (step: Step) => ids(await look(step));
  return {
    lab,
    plan,
    make: async (step) => {
      for (const change of (await look(step)).changes) await step.apply(change, context());
      expect(await plan(step), 'nothing is left').toEqual([]);
    },
    keepsTheContract: async (step) => {
      const planned = await look(step);
      expect(new Set(ids(planned)).size, 'ids are unique').toBe(planned.changes.length);
      expect(JSON.parse(JSON.stringify(planned.changes)), 'changes are JSON').toEqual(planned.changes);
      expect(await plan(step), 'planning twice says the same').toEqual(ids(planned));
      // Each is made twice: a change whose `done` was never written is made again, and that must do no harm.
      for (const change of planned.changes) {
        await step.apply(change, context());
        await step.apply(change, context());
      }
      expect(await plan(step), 'nothing is left').toEqual([]);
      const checks = await step.verify(context(lookingOnly(connections)));
      expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    },
    forget: () => {
      outputs = {};
    },
    close: async () => {
      close();
      await down(name);
    },
  };
}

const ids = ({ changes }: { readonly changes: readonly { readonly id: string }[] }) => changes.map(({ id }) => id);
