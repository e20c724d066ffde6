import type { Dataset } from './design.ts';
import type { Finding } from './finding.ts';
import type { Container, HostFacts } from './inventory.ts';
import { nearest } from './nearest.ts';
import { bytes } from './report/units.ts';
import { type HoldRules, obstacleToStop } from './snapshot-holds.ts';

/** A tenth is left free: a full disk stops the very containers that are to be moved. */
export function noRoom(datasets: readonly Dataset[], { freeBytes, hostname }: HostFacts): Finding[] {
  const needed = datasets.reduce((sum, dataset) => sum + dataset.bytes, 0);
  if (needed <= freeBytes * 0.9) return [];
  return [
    {
      level: 'blocker',
      code: 'no-room-for-snapshots',
      subject: hostname,
      message: `The snapshots need ${bytes(needed)}, and ${bytes(freeBytes)} are free, of which a tenth must stay so.`,
      remedy:
        'Make room on the source; or write "snapshot: ebs" in ecsodus.yaml, for a snapshot of the data disk in AWS once the data is there; or "snapshot: none".',
    },
  ];
}

/** What "snapshotBy" in ecsodus.yaml asks for that cannot be. */
export const unheeded = (rules: HoldRules): Finding[] =>
  Object.entries(rules.snapshotBy).flatMap(([name, by]): Finding[] => {
    const found = rules.containers.find((container) => container.name === name);
    if (found === undefined) return [unknownContainer(name, rules.containers)];
    const obstacle = by === 'stop' ? obstacleToStop(found, rules) : undefined;
    return obstacle === undefined ? [] : [notStopped(name, obstacle)];
  });

function unknownContainer(name: string, containers: readonly Container[]): Finding {
  const names = containers.map((container) => container.name);
  const guess = nearest(name, names);
  return {
    level: 'blocker',
    code: 'snapshot-by-unknown',
    subject: name,
    message: `"snapshotBy" in ecsodus.yaml names ${name}, and the source has no such container.`,
    remedy: guess === undefined ? `Its containers: ${names.join(', ')}.` : `Did you mean ${guess}?`,
  };
}

const notStopped = (subject: string, obstacle: string): Finding => ({
  level: 'warning',
  code: 'snapshot-not-stopped',
  subject,
  message: `"snapshotBy" asks to stop ${subject} for its snapshot. It is paused: ${obstacle}.`,
  remedy:
    'What a database leaves behind when paused is repaired by itself as it starts; that is as good as it gets here.',
});

/** Stopped for a snapshot, and not running: the inventory would take it for one that nobody needs. */
export const stillHeld = (held: readonly string[], containers: readonly Container[], host: string): Finding[] =>
  containers
    .filter(({ name, running }) => !running && held.includes(name))
    .map(({ name }) => ({
      level: 'blocker',
      code: 'held-for-snapshot',
      subject: name,
      message: `${name} was stopped for a snapshot and does not run: the snapshot is being made, or the source went down meanwhile.`,
      remedy: `Wait two minutes. If it does not run then: ssh ${host} sudo docker start ${name}`,
    }));
