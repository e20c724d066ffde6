import type { HostWriter } from '../../src/host.ts';
import type { Connections } from '../../src/pipeline.ts';

/** Members of the writers that only look. All others are writes, new ones too, until they are named here. */
const looks = {
  host: ['name', 'address', 'read', 'openPort'],
  docker: [
    'version',
    'info',
    'containerIds',
    'inspectContainer',
    'stats',
    'changes',
    'networks',
    'volumes',
    'inspectImage',
    'registryHas',
  ],
  aws: /^(find|has|identity|consoleOutput|recommendedAmi|registryCredentials|containerInstances|serviceTasks|services$)/,
  state: ['directory', 'read', 'has'],
} as const;

/** The same connections, where every write throws: what planning gets at run time, as its types already say. */
export function lookingOnly({ source, target, aws, state, ...rest }: Connections): Connections {
  return {
    ...rest,
    source: guardHost(source),
    target: async (instance) => {
      const host = await target(instance);
      return host && guardHost(host);
    },
    aws: guard(aws, (name) => looks.aws.test(name)),
    state: guard(state, (name) => (looks.state as readonly string[]).includes(name)),
  };
}

const guardHost = (host: HostWriter): HostWriter => ({
  ...guard(host, (name) => (looks.host as readonly string[]).includes(name)),
  docker: guard(host.docker, (name) => (looks.docker as readonly string[]).includes(name)),
});

function guard<T extends object>(writer: T, isLook: (name: string) => boolean): T {
  const entries = Object.entries(writer).map(([name, member]) => [name, isLook(name) ? member : refuse(name)]);
  return Object.fromEntries(entries) as T;
}

const refuse = (name: string) => () => {
  throw new Error(`planning wrote: ${name}`);
};
