import { join, resolve } from 'node:path';
import type { Instance } from '../aws/aws.ts';
import { connectAws } from '../aws/connect-aws.ts';
import { isPinned, knownHostsFile, targetKeyFile } from '../aws/host-keys.ts';
import { recoverTargetLogin } from '../aws/target-login.ts';
import { type Config, readConfig } from '../config.ts';
import type { HostWriter } from '../host.ts';
import { targetUser } from '../names.ts';
import type { Connections } from '../pipeline.ts';
import { type HostConfig, readHostConfig } from '../ssh/config.ts';
import { connect } from '../ssh/connect.ts';
import { type Patience, reconnecting } from '../ssh/reconnect.ts';
import { remoteHost } from '../ssh/remote-host.ts';
import { openState, type StateReader, type StateWriter } from '../state.ts';
import { isKnown } from '../step.ts';
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
  const hosts = hostOpener();
  const connecting = readHostConfig(config.source, options.sshConfig).then((host) => hosts.open(host, 'patient'));
  // Told in its turn: where both ways are barred, it is always AWS that is named.
  connecting.catch(() => {});
  try {
    const profile = options.profile ?? config.profile;
    const aws = await connectAws({ profile, region: options.region ?? config.region });
    await recoverTargetLogin(config.name, { aws, state });
    const target = targetOpener(hosts.open, state);
    return { connections: { config, source: await connecting, target, aws, state, signal }, close: hosts.close };
  } catch (error) {
    // What is not open yet cannot be closed.
    await connecting.catch(() => {});
    hosts.close();
    throw error;
  }
}

/** The source alone, for commands that ask nothing of AWS. */
export async function openSource(
  options: Options,
  config: Pick<Config, 'source'>,
): Promise<{ readonly source: HostWriter; readonly close: () => void }> {
  const { open, close } = hostOpener();
  return { source: await open(await readHostConfig(config.source, options.sshConfig), 'patient'), close };
}

/** Opens hosts and closes them all: an SSH connection left open would keep the command from ending. */
function hostOpener() {
  const opened: { readonly close: () => void }[] = [];
  // Asked once, also where a connection is lost and opened again.
  const passphrases = new Map<string, ReturnType<typeof askSecret>>();
  const askPassphrase = (file: string) => {
    const asked = passphrases.get(file) ?? askSecret(`Passphrase of ${file}:`);
    passphrases.set(file, asked);
    return asked;
  };
  return {
    open: async (host: HostConfig, patience: Patience): Promise<HostWriter> => {
      const open = () => connect({ host, confirmHostKey, askPassphrase });
      const ssh = reconnecting(await open(), open, patience);
      opened.push(ssh);
      return remoteHost(ssh, { sudoPassword: () => askSecret(`Password of sudo on ${host.alias}:`) });
    },
    close: () => {
      for (const ssh of opened) ssh.close();
    },
  };
}

/** One connection to each instance, however often it is asked for; a try that failed may be made again. */
function targetOpener(
  open: (host: HostConfig, patience: Patience) => Promise<HostWriter>,
  state: StateReader,
): Connections['target'] {
  const targets = new Map<string, Promise<HostWriter>>();
  return async (instance) => {
    const address = isKnown(instance) ? await reachable(instance, state) : undefined;
    if (address === undefined || !isKnown(instance)) return undefined;
    const connecting = targets.get(instance.id) ?? open(targetConfig(instance.id, address, state), 'brief');
    targets.set(instance.id, connecting);
    connecting.catch(() => targets.delete(instance.id));
    return connecting;
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
