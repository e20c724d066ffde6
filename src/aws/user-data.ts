import { createHash } from 'node:crypto';
import { agentReserveMib, loggingDrivers } from '../ecs/instance-offer.ts';
import { quote, sh } from '../shell.ts';

export interface UserDataSettings {
  readonly cluster: string;
  readonly migration: string;
  /** Size of the swap file; none where it is 0. */
  readonly swapMib?: number | undefined;
  /** The operator's own shell lines (`instance.setup`). */
  readonly setup?: string | undefined;
}

/** EC2 takes no more (RunInstances, UserData: 16 KB before base64). */
export const longestUserData = 16 * 1024;

/**
 * Tells what a first boot was asked to do besides, for a tag of the instance; undefined where that is nothing. Changed
 * later, it has no effect on an instance that is there.
 */
export function firstBootMark({ swapMib = 0, setup }: Pick<UserDataSettings, 'swapMib' | 'setup'>): string | undefined {
  if (swapMib === 0 && setup === undefined) return undefined;
  return createHash('sha256')
    .update(JSON.stringify([swapMib, setup]))
    .digest('hex')
    .slice(0, 12);
}

/**
 * What the container instance does once, at its first boot, before the ECS agent starts (ecs.service waits for
 * cloud-final). It must not start the agent or wait for Docker: both wait for it (amazon-ecs-agent#1707, #4818). A
 * script that fails does not keep the agent from starting either, so the guards come first and the cluster last. The
 * data disk is mount-data's job.
 */
export const userData = (settings: UserDataSettings): string =>
  [
    '#!/bin/bash',
    preamble,
    guards,
    hostKeys,
    rsync,
    ...(settings.swapMib ? [swap(settings.swapMib)] : []),
    ...(settings.setup === undefined ? [] : [setup(settings.setup)]),
    agent(settings),
    `say 'user-data is done'`,
    '',
  ].join('\n\n');

/** Whatever happens is said twice: to the console, which EC2 shows, and to cloud-init's output log. */
const preamble = `set -Eeuo pipefail
umask 022
say() { echo "ecsodus: $*"; echo "ecsodus: $*" 2>/dev/null >/dev/console || true; }
trap 'say "user-data FAILED at line $LINENO: $BASH_COMMAND"' ERR`;

/**
 * Without the disk, Docker would make empty directories under /data and containers would start with no data. ecs.config
 * is empty until all of this script has worked: an agent without it would join the cluster called default.
 */
const guards = `# Neither Docker nor the agent runs without the data disk once fstab names it; the agent never does.
for unit in ecs docker; do
  mkdir -p /etc/systemd/system/$unit.service.d
  printf '[Unit]\\nRequiresMountsFor=/data\\n' >/etc/systemd/system/$unit.service.d/10-data.conf
done
printf 'AssertPathIsMountPoint=/data\\nAssertFileNotEmpty=/etc/ecs/ecs.config\\n' >>/etc/systemd/system/ecs.service.d/10-data.conf
systemctl daemon-reload`;

/** Between cloud-init's own markers, which it may have been told not to print. */
const hostKeys = `# The operator reads these from the console, so that the first connection is not taken on trust.
keys=$(cat /etc/ssh/ssh_host_*_key.pub)
printf '%s\\n' '-----BEGIN SSH HOST KEY KEYS-----' "$keys" '-----END SSH HOST KEY KEYS-----' >/dev/console ||
  say 'the console cannot be written: no host keys there'`;

const rsync = `install_package() {
  for try in 1 2 3 4 5; do
    dnf install -y "$1" && return 0
    say "dnf install $1 failed (try $try of 5)"
    sleep $((try * 5))
  done
  return 1
}
command -v rsync >/dev/null || install_package rsync`;

/** XFS takes a swap file only if all its blocks are written. A container that may swap also runs without, so this may fail. */
const swap = (mib: number): string => sh`make_swap() {
  if [ ! -e /swapfile ]; then
    install -m 600 /dev/null /swapfile.new &&
      dd if=/dev/zero of=/swapfile.new bs=1M count=${mib} status=none &&
      mkswap /swapfile.new && mv /swapfile.new /swapfile || return 1
  fi
  swapon --show=NAME --noheadings | grep -qx /swapfile || swapon /swapfile || return 1
  grep -q '^/swapfile ' /etc/fstab || echo '/swapfile none swap defaults 0 0' >>/etc/fstab
}
make_swap || say 'there is no swap: /swapfile could not be made or turned on'`;

/** In a shell of its own: whatever these lines set, or however they end, the rest of this script is not touched by it. */
const setup = (lines: string): string => {
  const trap = `trap 'say "instance.setup FAILED at line $((LINENO - 1)): $BASH_COMMAND"' ERR`;
  return sh`# instance.setup of ecsodus.yaml. Where a line of it fails, the agent does not start.
export -f say
bash -Ee -o pipefail -c ${`${trap}\n${lines}`} </dev/null || { say "instance.setup FAILED with exit $?: no agent"; exit 1; }
say 'instance.setup is done'`;
};

/** Lines are raw KEY=VALUE, quotes would be kept (ecs-init getEnvVars). ECS_CLUSTER is last: it says that all before it worked. */
const agent = ({ cluster, migration }: UserDataSettings): string => `mkdir -p /etc/ecs
printf '%s\\n' ${[...agentSettings(migration), `ECS_CLUSTER=${cluster}`].map(quote).join(' ')} >/etc/ecs/ecs.config.new
mv /etc/ecs/ecs.config.new /etc/ecs/ecs.config`;

const agentSettings = (migration: string): string[] => [
  // What the agent leaves to the host: sshd, Docker and itself.
  `ECS_RESERVED_MEMORY=${agentReserveMib}`,
  // ecs-init enables only five of these by itself, and a container keeps the log driver it had.
  `ECS_AVAILABLE_LOGGING_DRIVERS=${JSON.stringify(loggingDrivers)}`,
  `ECS_INSTANCE_ATTRIBUTES=${JSON.stringify({ 'ecsodus.migration': migration })}`,
];
