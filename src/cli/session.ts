import { join, resolve } from 'node:path';
import type { Instance } from '../aws/aws.ts';
import { connectAws } from '../aws/connect-aws.ts';
import { isPinned, knownHostsFile, targetKeyFile } from '../aws/host-keys.ts';
import { type Config, readConfig } from '../config.ts';
import type { HostWriter } from '../host.ts';
import { targetUser } from '../names.ts';
import type { Connections } from '../pipeline.ts';
import { type HostConfig, readHostConfig } from '../ssh/config.ts';
import { connect } from '../ssh/connect.ts';
import { remoteHost } from '../ssh/remote-host.ts';
import { openState, type StateReader, type StateWriter } from '../state.ts';
import { isKnown, type Known } from '../step.ts';
import { askSecret, confirmHostKey } from './ask.ts';
import type { Options } from './options.ts';

export interface Session {
  readonly connections: Connections;
  readonly close: () => void;
}

/** What the operator's folder holds; no host is spoken to. */
export async function openFolder(options: Options): Promise<{ config: Config; state: StateWriter }> {
  const config = await readConfig(options.config);
  return { config, state: openState(resolve(options.stateDir), config.name) };
}

/** Opens the one connection to the source and the clients of AWS; the target's follows when a step asks for it. */
export async function openSession(
  options: Options,
  config: Config,
  state: StateWriter,
  signal: AbortSignal,
): Promise<Session> {
  const aws = await connectAws({ profile: options.profile ?? config.profile, region: options.region ?? config.region });
  const opened: { close: () => void }[] = [];
  const open = async (host: HostConfig): Promise<HostWriter> => {
    const ssh = await connect({
      host,
      confirmHostKey,
      askPassphrase: (file) => askSecret(`Passphrase of ${file}:`),
    });
    opened.push(ssh);
    return remoteHost(ssh, { sudoPassword: () => askSecret(`Password of sudo on ${host.alias}:`) });
  };
  const source = await open(await readHostConfig(config.source, options.sshConfig));
  const targets = new Map<string, Promise<HostWriter>>();
  const target = async (instance: Known<Instance>): Promise<HostWriter | undefined> => {
    const address = isKnown(instance) ? await reachable(instance, state) : undefined;
    if (address === undefined || !isKnown(instance)) return undefined;
    const connecting = targets.get(instance.id) ?? open(targetConfig(instance.id, address, state));
    targets.set(instance.id, connecting);
    return connecting;
  };
  return {
    connections: { config, source, target, aws, state, signal },
    close: () => {
      for (const ssh of opened) ssh.close();
    },
  };
}

/** Its address, once it runs and its host key is pinned. */
async function reachable(instance: Instance, state: StateReader): Promise<string | undefined> {
  if (instance.state !== 'running') return undefined;
  return isPinned(await state.read(knownHostsFile), instance.id) ? instance.publicAddress : undefined;
}

const targetConfig = (id: string, address: string, { directory }: StateReader): HostConfig => ({
  alias: `${targetUser}@${address}`,
  hostName: address,
  port: 22,
  user: targetUser,
  identityFiles: [join(directory, targetKeyFile)],
  identitiesOnly: true,
  agent: undefined,
  knownHostsFiles: [join(directory, knownHostsFile)],
  hostKeyAlias: id,
  jumps: [],
});
