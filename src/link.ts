import { dataKey, probeCommand } from './data-key.ts';
import type { HostWriter } from './host.ts';
import { sourceRun, targetUser } from './names.ts';
import { isAtLeast, sshArguments } from './rsync/arguments.ts';
import { sh } from './shell.ts';
import type { StateReader } from './state.ts';
import { isKnown, type WriteContext } from './step.ts';
import { publicAddress } from './target.ts';

/** Where the source finds the option by which rsync compresses, or nothing: measured once a run, also for the freeze. */
export const compressionFile = (migration: string): string => `${sourceRun(migration)}/compression`;

/** Below these, in bytes a second, compressing is faster than sending: zstd since rsync 3.2, zlib before. */
const worthZstd = 40e6;
const worthZlib = 8e6;

/** The option of rsync for a link of this speed; it agrees on the best method that both ends know by itself. */
export const compressionFor = (bytesPerSecond: number, rsyncVersion: string): '--compress' | '' =>
  bytesPerSecond < (isAtLeast(rsyncVersion, [3, 2, 0]) ? worthZstd : worthZlib) ? '--compress' : '';

/** In the state folder: what the next plan goes by. */
const keptFile = 'link.json';

/** Bytes a second from source to target, as an earlier run measured them; undefined where none has. */
export async function readLinkRate(state: StateReader): Promise<number | undefined> {
  const text = await state.read(keptFile);
  return text === undefined ? undefined : (JSON.parse(text) as { bytesPerSecond: number }).bytesPerSecond;
}

const measured = new WeakMap<HostWriter, Promise<void>>();

/** Measures the way from source to target, once in a run, and leaves on the source what follows from it. */
export function measureLink(context: WriteContext): Promise<void> {
  const measuring = measured.get(context.source) ?? measure(context);
  measured.set(context.source, measuring);
  return measuring;
}

async function measure({ source, config, instance, sourceFacts, state, progress }: WriteContext): Promise<void> {
  const address = publicAddress(instance);
  if (address === undefined || !isKnown(instance)) return;
  progress({ message: 'measuring the link' });
  const { privateKey: key, knownHosts, route } = dataKey(config.name);
  const ssh = sshArguments({ key, knownHosts, route, hostKeyAlias: instance.id });
  const said = await source.run(
    sh`head -c 67108864 /dev/zero | ${[...ssh, `${targetUser}@${address}`, probeCommand]} 2>/dev/null || :`,
  );
  const rate = parseProbe(said);
  if (rate !== undefined) await state.write(keptFile, JSON.stringify({ bytesPerSecond: rate }));
  const option = rate === undefined ? '' : compressionFor(rate, sourceFacts.rsyncVersion ?? '');
  await source.run(sh`printf '%s' ${option} > ${compressionFile(config.name)}`);
}

/** Bytes a second; undefined where the probe said nothing, and the copy will say why. */
export function parseProbe(text: string): number | undefined {
  const [bytes = 0, nanoseconds = 0] = text.trim().split(' ').map(Number);
  return bytes > 0 && nanoseconds > 0 ? Math.round((bytes / nanoseconds) * 1e9) : undefined;
}
