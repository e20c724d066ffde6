import { quote } from '../shell.ts';

export interface UserDataSettings {
  readonly cluster: string;
  readonly migration: string;
}

/**
 * What the container instance does once, at its first boot, before the ECS agent starts (ecs.service waits for
 * cloud-final). It must not start the agent or wait for Docker: both wait for it (amazon-ecs-agent#1707, #4818). A
 * script that fails does not keep the agent from starting either, so the guards come first and the cluster last. The
 * data disk is mount-data's job.
 */
export const userData = (settings: UserDataSettings): string =>
  ['#!/bin/bash', preamble, guards, hostKeys, rsync, agent(settings), `say 'user-data is done'`, ''].join('\n\n');

/** Whatever happens is said twice: to the console, which EC2 shows, and to cloud-init's output log. */
const preamble = `set -Eeuo pipefail
umask 022
say() { echo "ecsodus: $*"; echo "ecsodus: $*" 2>/dev/null >/dev/console || true; }
trap 'say "user-data FAILED at line $LINENO: $BASH_COMMAND"' ERR`;

/** Without the disk, Docker would make empty directories under /data and containers would start with no data. */
const guards = `# Neither Docker nor the agent runs without the data disk once fstab names it; the agent never does.
for unit in ecs docker; do
  mkdir -p /etc/systemd/system/$unit.service.d
  printf '[Unit]\\nRequiresMountsFor=/data\\n' >/etc/systemd/system/$unit.service.d/10-data.conf
done
printf 'AssertPathIsMountPoint=/data\\n' >>/etc/systemd/system/ecs.service.d/10-data.conf
systemctl daemon-reload`;

/** Between cloud-init's own markers, which it may have been told not to print. */
const hostKeys = `# The operator reads these from the console, so that the first connection is not taken on trust.
keys=$(cat /etc/ssh/ssh_host_*_key.pub)
printf '%s\\n' '-----BEGIN SSH HOST KEY KEYS-----' "$keys" '-----END SSH HOST KEY KEYS-----' >/dev/console ||
  say 'the console cannot be written: no host keys there'`;

/** rrsync is a package of its own on some distributions, documentation on others; sudo finds it in /usr/bin only. */
const rsync = `install_package() {
  for try in 1 2 3 4 5; do
    dnf install -y "$1" && return 0
    say "dnf install $1 failed (try $try of 5)"
    sleep $((try * 5))
  done
  return 1
}
command -v rsync >/dev/null || install_package rsync
if ! command -v rrsync >/dev/null; then
  dnf install -y rsync-rrsync || say 'no package rsync-rrsync; looking in the documentation'
  for found in /usr/share/doc/rsync*/{support,scripts}/rrsync /usr/share/doc/rsync*/rrsync /usr/share/rsync/scripts/rrsync; do
    if ! command -v rrsync >/dev/null && [ -f "$found" ]; then install -m 755 "$found" /usr/bin/rrsync; fi
  done
  hash -r
  command -v rrsync >/dev/null || { say 'FAILED: there is no rrsync on this image'; exit 1; }
fi`;

/** Lines are raw KEY=VALUE, quotes would be kept (ecs-init getEnvVars). ECS_CLUSTER is last: it says that all before it worked. */
const agent = ({ cluster, migration }: UserDataSettings): string => `mkdir -p /etc/ecs
printf '%s\\n' ${[...agentSettings(migration), `ECS_CLUSTER=${cluster}`].map(quote).join(' ')} >/etc/ecs/ecs.config.new
mv /etc/ecs/ecs.config.new /etc/ecs/ecs.config`;

const agentSettings = (migration: string): string[] => [
  // What the agent leaves to the host: sshd, Docker and itself.
  'ECS_RESERVED_MEMORY=256',
  // ecs-init enables only five of these by itself, and a container keeps the log driver it had.
  'ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","journald","syslog","awslogs","fluentd","gelf","splunk","none"]',
  `ECS_INSTANCE_ATTRIBUTES=${JSON.stringify({ 'ecsodus.migration': migration })}`,
];
