import { knownHostsFile } from './aws/host-keys.ts';
import {
  authorizedLine,
  authorizeScript,
  commandPath,
  dataKey,
  installCommandScript,
  keyComment,
  makeKeyScript,
  receiver,
  sender,
  type Way,
} from './data-key.ts';
import { MigrationError } from './errors.ts';
import { targetUser } from './names.ts';
import { authorizedKeys } from './queries/folders.ts';
import type { Change, ReadContext, WriteContext } from './step.ts';
import { requireTarget } from './target.ts';
import { readText } from './text-file.ts';

/** One part of the source's way to the target's data: the command on the target, the key on the source, its being let in. */
export type AccessChange = Change & { readonly kind: 'command' | 'key' | 'authorize' };

const commands = { data: receiver, back: sender };

/** The parts that are missing, from the far end to the near one; each looked for where it must be. */
export async function missingAccess(way: Way, context: ReadContext): Promise<AccessChange[]> {
  const { source, config, state } = context;
  const target = await context.target(context.instance);
  const key = dataKey(config.name, way);
  const [publicKey, pinned, wanted, command, authorized] = await Promise.all([
    readText(source, key.publicKey),
    readText(source, key.knownHosts),
    state.read(knownHostsFile),
    target && readText(target, commandPath(config.name, way)),
    target?.read(authorizedKeys(targetUser)),
  ]);
  const keyStands = publicKey !== '' && pinned !== '' && pinned === (wanted ?? pinned);
  const commandStands = command === commands[way]();
  const allowed = keyStands && authorized?.split('\n').includes(authorizedLine(config.name, publicKey, way));
  const missing = changes(config.name)[way];
  return [
    ...(commandStands ? [] : [missing.command]),
    ...(keyStands ? [] : [missing.key]),
    ...(allowed ? [] : [missing.authorize]),
  ];
}

/** Makes one part. Throws MigrationError `host-key-not-pinned` where nobody knows the target's host keys. */
export async function makeAccess(way: Way, kind: AccessChange['kind'], context: WriteContext): Promise<void> {
  const { source, config, state } = context;
  const { publicKey, knownHosts } = dataKey(config.name, way);
  if (kind === 'key') {
    const pinned = (await state.read(knownHostsFile)) ?? (await readText(source, knownHosts));
    if (pinned === '') throw notPinned();
    return void (await source.run(makeKeyScript(config.name, way), { input: pinned }));
  }
  const target = await requireTarget(context);
  if (kind === 'command')
    return void (await target.run(installCommandScript(commandPath(config.name, way)), { input: commands[way]() }));
  const line = authorizedLine(config.name, await readText(source, publicKey), way);
  await target.run(authorizeScript(targetUser, config.name, line, way));
}

const notPinned = (): MigrationError =>
  new MigrationError('host-key-not-pinned', "The instance's host key is not known yet.", {
    hint: 'Run: ecsodus run --step provision',
  });

type Parts = Readonly<Record<AccessChange['kind'], AccessChange>>;

const changes = (migration: string): Readonly<Record<Way, Parts>> => ({
  data: {
    command: {
      id: 'receiver',
      kind: 'command',
      verb: 'create',
      target: `${commandPath(migration)} on the target`,
      reason: 'all that the temporary key may run: receive under /data while the fence says source',
    },
    key: {
      id: 'key',
      kind: 'key',
      verb: 'create',
      target: `temporary key ${dataKey(migration).privateKey} on the source`,
      reason: 'by it the source sends to the target; gone at finish',
    },
    authorize: {
      id: 'allow',
      kind: 'authorize',
      verb: 'update',
      target: `authorized_keys of ${targetUser} on the target (${keyComment(migration)})`,
      reason: 'lets that key in, for receiving only',
    },
  },
  back: {
    command: {
      id: 'sender',
      kind: 'command',
      verb: 'create',
      target: `${commandPath(migration, 'back')} on the target`,
      reason: 'all that the key for the way back may run: read below /data while the fence says target',
    },
    key: {
      id: 'back-key',
      kind: 'key',
      verb: 'create',
      target: `temporary key ${dataKey(migration, 'back').privateKey} on the source`,
      reason: 'by it the source fetches from the target; gone when the rollback is over',
    },
    authorize: {
      id: 'allow-back',
      kind: 'authorize',
      verb: 'update',
      target: `authorized_keys of ${targetUser} on the target (${keyComment(migration, 'back')})`,
      reason: 'lets that key in, for reading only',
    },
  },
});
