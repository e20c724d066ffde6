import { dirname } from 'node:path/posix';
import { dataRoot, markRoot, sourceRun } from './names.ts';
import { raw, sh } from './shell.ts';

/** The temporary key by which the source sends to the target, and what goes with it. All gone after a reboot, or at finish. */
export const dataKey = (migration: string) => ({
  privateKey: `${sourceRun(migration)}/key`,
  publicKey: `${sourceRun(migration)}/key.pub`,
  knownHosts: `${sourceRun(migration)}/known_hosts`,
});

/** Where the forced command lives on the target. */
export const receiverPath = (migration: string): string => `/usr/local/libexec/ecsodus/receive-${migration}`;

/**
 * All the temporary key may do on the target: receive under /data, as root, while the fence says `source`. The check
 * is made here, at the receiving end, so that no stale or mistaken sender can write over live data.
 */
export const receiver = (): string => sh`#!/bin/sh
set -eu
mountpoint -q ${dataRoot} || { echo ${`ecsodus: ${dataRoot} is not mounted`} >&2; exit 1; }
[ "$(cat ${`${markRoot}/owner`})" = source ] || { echo 'ecsodus: the target owns the data; nothing is received' >&2; exit 1; }
for rrsync in /usr/bin/rrsync /usr/share/doc/rsync/scripts/rrsync /usr/share/rsync/scripts/rrsync /usr/share/doc/rsync/support/rrsync; do
  [ ! -e "$rrsync" ] && continue
  case "$rrsync" in /usr/bin/*) exec "$rrsync" -wo -no-lock ${dataRoot};; *) exec python3 "$rrsync" -wo -no-lock ${dataRoot};; esac
done
echo 'ecsodus: there is no rrsync on this host' >&2
exit 1
`;

export const installReceiverScript = (migration: string): string => sh`set -eu
umask 022
mkdir -p ${dirname(receiverPath(migration))}
cat > ${`${receiverPath(migration)}.new`}
chmod 755 ${`${receiverPath(migration)}.new`}
mv ${`${receiverPath(migration)}.new`} ${receiverPath(migration)}`;

/** Makes the key pair on the source, where the private half stays, and pins the target's host keys (standard input) beside it. */
export function makeKeyScript(migration: string): string {
  const { privateKey, publicKey, knownHosts } = dataKey(migration);
  return sh`set -eu
umask 077
mkdir -p ${sourceRun(migration)}
cat > ${knownHosts}
rm -f ${privateKey} ${publicKey}
ssh-keygen -q -t ed25519 -N '' -C ${keyComment(migration)} -f ${privateKey}`;
}

/** By this the key's line is found again in authorized_keys. */
export const keyComment = (migration: string): string => `ecsodus:${migration}:data`;

/** The line of authorized_keys: the forced command, and nothing else that SSH can do. */
export const authorizedLine = (migration: string, publicKey: string): string =>
  `restrict,command="sudo --preserve-env=SSH_ORIGINAL_COMMAND ${receiverPath(migration)}" ${publicKey.trim()}`;

/** Puts the line into the login user's authorized_keys, in place of any earlier one of this migration. */
export const authorizeScript = (user: string, migration: string, line: string): string => sh`set -eu
umask 077
home=$(getent passwd ${user} | cut -d: -f6)
file=$home/.ssh/authorized_keys
mkdir -p "$home/.ssh"; touch "$file"
grep -vF ${keyComment(migration)} "$file" > "$file.new" || true
${line === '' ? raw(':') : raw(sh`printf '%s\n' ${line} >> "$file.new"`)}
chown ${user} "$file.new"
mv "$file.new" "$file"`;

export const removeAuthorizationScript = (user: string, migration: string): string => sh`set -eu
${raw(authorizeScript(user, migration, ''))}
rm -f ${receiverPath(migration)}`;

export const removeKeyScript = (migration: string): string => sh`rm -rf ${sourceRun(migration)}`;
