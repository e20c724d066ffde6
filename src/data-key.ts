import { dirname } from 'node:path/posix';
import { dataRoot, markRoot, receivingLock, sourceRun } from './names.ts';
import { raw, sh } from './shell.ts';

/** What a temporary key is for: to send to the target, or, on the way back, to fetch from it. */
export type Way = 'data' | 'back';

/** A temporary key of the source for the target, and what goes with it. All gone after a reboot, or at finish. */
export const dataKey = (migration: string, way: Way = 'data') => ({
  privateKey: `${sourceRun(migration)}/${way === 'data' ? 'key' : 'back-key'}`,
  publicKey: `${sourceRun(migration)}/${way === 'data' ? 'key' : 'back-key'}.pub`,
  knownHosts: `${sourceRun(migration)}/known_hosts`,
  /** An ssh_config that says where the target is reached. */
  route: `${sourceRun(migration)}/route`,
});

/** Where the forced command lives on the target. */
export const commandPath = (migration: string, way: Way = 'data'): string =>
  `/usr/local/libexec/ecsodus/${way === 'data' ? 'receive' : 'send'}-${migration}`;

/** What the temporary key may ask besides: how fast bytes arrive. */
export const probeCommand = 'ecsodus-probe';

/**
 * All the temporary key may do on the target: receive under /data, as root, while the fence says `source`. The check
 * is made here, at the receiving end, so that no stale or mistaken sender can write over live data; the lock keeps the fence
 * from changing hands while anything is still being received.
 */
export const receiver = (): string => sh`#!/bin/sh
set -eu
mountpoint -q ${dataRoot} || { echo ${`ecsodus: ${dataRoot} is not mounted`} >&2; exit 1; }
exec 9>${receivingLock}
flock -s 9
[ "$(cat ${`${markRoot}/owner`})" = source ] || { echo 'ecsodus: the target owns the data; nothing is received' >&2; exit 1; }
if [ "\${SSH_ORIGINAL_COMMAND:-}" = ${probeCommand} ]; then
  began=$(date +%s%N)
  received=$(timeout 2 head -c 67108864 | wc -c)
  echo "$received $(($(date +%s%N) - began))"
  exit
fi
${raw(rsyncDaemon('write only = yes\nread only = no'))}`;

/** All that the key for the way back may do: read below /data, and not while the source owns what is there. */
export const sender = (): string => sh`#!/bin/sh
set -eu
mountpoint -q ${dataRoot} || { echo ${`ecsodus: ${dataRoot} is not mounted`} >&2; exit 1; }
[ "$(cat ${`${markRoot}/owner`})" = target ] || { echo 'ecsodus: the source owns the data; there is nothing to bring back' >&2; exit 1; }
${raw(rsyncDaemon('read only = yes'))}`;

/** Names what the source asks for in the daemon's own words: `host::module/path`. */
export const rsyncModule = 'ecsodus';

/**
 * rsync's daemon over this one connection, whatever the client asked to run: shut into /data, where what is ours is out of
 * its sight, so that nobody writes the fence by it, and so are the labels of its SELinux: the client's own filters reach it only
 * where something is to be deleted. Not rrsync: that refuses device nodes and FIFOs since 3.5.
 */
const rsyncDaemon = (mode: string): string => sh`exec 3<<'CONF'
use chroot = yes
uid = 0
gid = 0
numeric ids = yes
munge symlinks = no
reverse lookup = no
list = no
log file = /dev/null
[${raw(rsyncModule)}]
path = ${raw(dataRoot)}
filter = -_/.ecsodus/ -x_security.selinux
${raw(mode)}
CONF
exec rsync --server --daemon --config=/dev/fd/3 .
`;

/** Installs a forced command, given on standard input. */
export const installCommandScript = (path: string): string => sh`set -eu
umask 022
mkdir -p ${dirname(path)}
cat > ${`${path}.new`}
chmod 755 ${`${path}.new`}
mv ${`${path}.new`} ${path}`;

/** Makes a key pair on the source, where the private half stays, and pins the target's host keys (standard input) beside it. */
export function makeKeyScript(migration: string, way: Way = 'data'): string {
  const { privateKey, publicKey, knownHosts } = dataKey(migration, way);
  return sh`set -eu
umask 077
mkdir -p ${sourceRun(migration)}
cat > ${knownHosts}
rm -f ${privateKey} ${publicKey}
ssh-keygen -q -t ed25519 -N '' -C ${keyComment(migration, way)} -f ${privateKey}`;
}

/** By this a key's line is found again in authorized_keys. */
export const keyComment = (migration: string, way: Way = 'data'): string => `ecsodus:${migration}:${way}`;

/** The line of authorized_keys: the forced command, and nothing else that SSH can do. */
export const authorizedLine = (migration: string, publicKey: string, way: Way = 'data'): string =>
  `restrict,command="sudo --preserve-env=SSH_ORIGINAL_COMMAND ${commandPath(migration, way)}" ${publicKey.trim()}`;

/** Puts the line into the login user's authorized_keys, in place of any earlier one for the same. */
export const authorizeScript = (user: string, migration: string, line: string, way: Way = 'data'): string => sh`set -eu
umask 077
home=$(getent passwd ${user} | cut -d: -f6)
file=$home/.ssh/authorized_keys
mkdir -p "$home/.ssh"; touch "$file"
grep -vF ${keyComment(migration, way)} "$file" > "$file.new" || true
${line === '' ? raw(':') : raw(sh`printf '%s\n' ${line} >> "$file.new"`)}
chown ${user} "$file.new"
mv "$file.new" "$file"`;

export const removeAuthorizationScript = (user: string, migration: string, way: Way = 'data'): string => sh`set -eu
${raw(authorizeScript(user, migration, '', way))}
rm -f ${commandPath(migration, way)}`;

/** Removes what a reboot would: the temporary keys, scripts that ran detached, and their logs. */
export const removeRunFolderScript = (migration: string): string => sh`rm -rf ${sourceRun(migration)}`;
