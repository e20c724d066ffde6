import { resolve } from 'node:path';
import type { AwsWriter } from '../aws/aws.ts';
import { connectAws } from '../aws/connect-aws.ts';
import type { Config, Settings } from '../config.ts';
import { MigrationError } from '../errors.ts';
import { settled } from '../finding.ts';
import type { HostWriter } from '../host.ts';
import { planAll, type StepPlan } from '../pipeline.ts';
import { count } from '../report/units.ts';
import { openState, type StateReader } from '../state.ts';
import type { Outputs, Step } from '../step.ts';
import type { Sight } from '../wizard/sight.ts';
import type { Eyes } from '../wizard/wizard.ts';
import type { Options } from './options.ts';
import { usageText } from './plan.ts';
import { openSource } from './session.ts';

interface Look {
  readonly config: Config;
  readonly plans: readonly StepPlan[];
  readonly sight: Sight;
}

export interface LiveEyes extends Eyes {
  /** The plans of the last look, their blockers settled as the config says. */
  readonly plans: (config: Config) => readonly StepPlan[];
  readonly close: () => Promise<void>;
}

/**
 * Looks by planning all steps, which writes nothing, on connections that are opened as soon as an answer says where to. The
 * instance is not logged in to: what the wizard asks about is on the source and in AWS.
 */
export function openEyes(options: Options, steps: readonly Step[], say: (line: string) => void): LiveEyes {
  const sources = opener(async (source: string) => openSource(options, { source }));
  const accounts = opener(async (key: string) => connectAws(JSON.parse(key)));
  const sourceOf = async ({ source = '' }: Settings): Promise<HostWriter> => (await sources.open(source)).source;
  const awsOf = ({ profile, region }: Settings): Promise<AwsWriter> =>
    accounts.open(JSON.stringify({ profile, region }));
  let last: Look | undefined;
  let wanted = '';
  // One sample of memory serves all looks at a droplet: another would propose something else.
  const samples = new Map<string, string>();

  const look = async (given: Config): Promise<Sight> => {
    // Blockers are shown as what they are, also those that are accepted; and nothing looks otherwise for that.
    const config = { ...given, accept: [] };
    if (last !== undefined && wanted === JSON.stringify(config)) return last.sight;
    say(`Looking at ${config.source} and at AWS …`);
    const [source, aws] = await Promise.all([sourceOf(config), awsOf(config)]);
    const state = openState(resolve(options.stateDir), config.name);
    const connections = {
      config,
      source,
      aws,
      state: { ...state, read: reading(state, samples.get(config.source)) },
      target: async () => undefined,
      signal: new AbortController().signal,
    };
    const plans = await planAll(steps, connections);
    const outputs = Object.assign({}, ...plans.map(({ plan }) => plan.outputs)) as Outputs;
    samples.set(config.source, usageText(outputs.inventory));
    last = { config, plans, sight: { ...outputs, findings: plans.flatMap(({ plan }) => plan.findings) } };
    wanted = JSON.stringify(config);
    return last.sight;
  };

  return {
    look,
    seen: async (config) => (last !== undefined && isSame(last.config, config) ? last.sight : look(config)),
    forget: () => {
      wanted = '';
    },
    plans: ({ accept }) =>
      (last?.plans ?? []).map((each) => ({
        ...each,
        plan: { ...each.plan, findings: settled(each.plan.findings, accept) },
      })),
    check: async (id, settings) => {
      if (id === 'source') return describeSource(await sourceOf(settings));
      if (id !== 'profile' && id !== 'region') return undefined;
      try {
        const { account, arn, region } = await (await awsOf(settings)).identity();
        return `✔ account ${account} in ${region}, as ${arn}`;
      } catch (error) {
        // The next question asks for it.
        if (id === 'profile' && error instanceof MigrationError && error.code === 'aws-region-missing')
          return undefined;
        throw error;
      }
    },
    close: async () => {
      for (const opened of await sources.all()) opened.close();
    },
  };
}

const isSame = (a: Config, b: Config): boolean =>
  (['source', 'profile', 'region', 'name'] as const).every((key) => a[key] === b[key]);

async function describeSource({ docker, name }: HostWriter): Promise<string> {
  const [version, ids] = await Promise.all([docker.version(), docker.containerIds()]);
  return `✔ ${name} answers: Docker ${version.Version}, ${count(ids.length, 'container')}`;
}

const reading =
  ({ read }: StateReader, sample: string | undefined): StateReader['read'] =>
  async (file) =>
    (file === 'inventory.json' ? sample : undefined) ?? read(file);

/** Opened once by name. What could not be opened is tried again. */
function opener<T>(open: (name: string) => Promise<T>) {
  const opened = new Map<string, Promise<T>>();
  return {
    open: (name: string): Promise<T> => {
      const opening = opened.get(name) ?? open(name);
      opened.set(name, opening);
      opening.catch(() => opened.delete(name));
      return opening;
    },
    all: async (): Promise<readonly T[]> =>
      (await Promise.allSettled(opened.values())).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
  };
}
