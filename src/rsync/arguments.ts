import { dirname } from 'node:path/posix';
import { rsyncModule } from '../data-key.ts';

/** What to carry, where to, and how the source reaches the target. rsync runs on the source either way. */
export interface Transfer {
  readonly kind: 'directory' | 'file';
  /** Absolute path on the source. */
  readonly from: string;
  /** Below the module of the target's rsync, without a leading slash. Its parent must exist. A file keeps its name. */
  readonly to: string;
  readonly user: string;
  readonly address: string;
  /** Private key, pinned known_hosts and an ssh_config that may lead elsewhere than to `address`: files on the source. */
  readonly key: string;
  readonly knownHosts: string;
  readonly route: string;
  /** The name to look up in `knownHosts` in place of the address. */
  readonly hostKeyAlias?: string;
  /** `pull` brings data back, from `to` to `from`. Default: push. */
  readonly direction?: 'push' | 'pull';
  /** A file on the source of names, NUL-ended: these alone are sent, and nothing is deleted. */
  readonly names?: string;
  /** Sends what is below those names too. */
  readonly recursive?: boolean;
  /** Compares content whatever the times say. */
  readonly distrustTimes?: boolean;
  /**
   * Writes changed blocks into the file that is there, where else a copy would be written in full; and keeps what an
   * interrupted pass sent. Never where the file may have other names on the target: they would change with it.
   */
  readonly inPlace?: boolean;
  /** KiB per second; no limit when left out. */
  readonly bandwidthKibps?: number | undefined;
  /** Version of the source's rsync: old ones refuse some options together. Default: a new one. */
  readonly rsyncVersion?: string | undefined;
}

/**
 * The list of files is made in whole before anything is sent, at about 100 bytes of memory a file. With lists in parts,
 * rsync 3.5.0 waits for itself for ever where one name of a hard-linked file vanishes under way.
 */
export const wholeList = '--no-inc-recursive';

/** Holes stay holes. Not always: files without any are written twice as slowly with it. */
export const sparseOption = '--sparse';

/** Before 3.1.3 rsync refuses to keep holes where it writes in place. */
export const sparseInPlace = (rsyncVersion = '3.2.4'): boolean => isAtLeast(rsyncVersion, [3, 1, 3]);

/** Nothing at all sent or received for so long, keepalives included. */
const timeoutSeconds = 60;

/**
 * The argv of rsync, run on the source as root. It speaks with a daemon that the target's forced command starts for this one
 * connection.
 */
export function rsyncArguments(transfer: Transfer): readonly string[] {
  const {
    kind,
    from,
    to,
    user,
    address,
    direction = 'push',
    names,
    recursive = false,
    distrustTimes = false,
    inPlace = false,
    bandwidthKibps,
  } = transfer;
  const slash = kind === 'directory' ? '/' : '';
  const here = withSlash(from, slash);
  // Sent to a name that is a directory there by mistake, a file would end up inside it; and so it is sent into its directory.
  const place = kind === 'file' && direction === 'push' ? withSlash(dirname(to), '/') : withSlash(to, slash);
  const there = `${user}@${bracketed(address)}::${rsyncModule}/${place}`;
  return [
    'rsync',
    '-aHAX',
    '--numeric-ids',
    wholeList,
    // What a container mounts is what a link leads to, as Docker followed it; a directory's slash does the same.
    ...(kind === 'file' && direction === 'push' ? ['--copy-links'] : []),
    ...(names === undefined ? ['--delete'] : only(names)),
    ...(recursive ? ['-r'] : []),
    ...(distrustTimes ? ['--ignore-times'] : []),
    ...(inPlace ? ['--inplace'] : []),
    // The receiver compares nanoseconds: with whole seconds, rsync's default, a file written again within the second it
    // was sent in would never be sent again.
    direction === 'push' ? '-M--modify-window=-1' : '--modify-window=-1',
    // The target's SELinux labels its own files; foreign labels would fail there.
    '--filter=-x security.selinux',
    '--outbuf=L',
    // Whatever makes it wait for itself: the pass is made again.
    `--timeout=${timeoutSeconds}`,
    '--info=progress2',
    '--stats',
    ...(bandwidthKibps === undefined ? [] : [`--bwlimit=${bandwidthKibps}`]),
    '-e',
    sshCommand(transfer),
    '--',
    ...(direction === 'push' ? [here, there] : [there, here]),
  ];
}

/** A name on the list that is gone by now is no error, and a directory that stands in a file's place has to go. */
const only = (names: string): string[] => [`--files-from=${names}`, '--from0', '--ignore-missing-args', '--force'];

/** Every x86_64 server of ten years does AES in hardware, many times as fast as OpenSSH's first choice. */
const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
].join();

/** rsync splits this at spaces and understands quotes. The source's own ssh_config must not interfere. */
function sshCommand(transfer: Login): string {
  return sshArguments(transfer).map(quotedForRsync).join(' ');
}

type Login = Pick<Transfer, 'key' | 'knownHosts' | 'route' | 'hostKeyAlias'>;

/** ssh by the temporary key, up to the destination. */
export function sshArguments({ key, knownHosts, route, hostKeyAlias }: Login): readonly string[] {
  const options = [
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'ConnectTimeout=20',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
    `Ciphers=${ciphers}`,
    'Compression=no',
    ...(hostKeyAlias === undefined ? [] : [`HostKeyAlias=${hostKeyAlias}`]),
  ];
  const words = ['ssh', '-F', route, '-T', '-i', key];
  return [...words, ...options.flatMap((option) => ['-o', option])];
}

/** Not a shell's rules: rsync knows quotes, but no backslash. */
function quotedForRsync(word: string): string {
  if (!/[\s'"]/.test(word)) return word;
  return word.includes("'") ? `"${word}"` : `'${word}'`;
}

const withSlash = (path: string, slash: string): string => path.replace(/\/+$/, '') + slash;

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

export function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const numbers = (version.match(/\d+/g) ?? []).map(Number);
  const differing = wanted.findIndex((number, index) => (numbers[index] ?? 0) !== number);
  return differing < 0 || (numbers[differing] ?? 0) > (wanted[differing] ?? 0);
}
