import type { Change } from '../step.ts';

type PlannedChange = Change & { readonly step: string };

interface Lasting {
  readonly when: (change: PlannedChange) => boolean;
  readonly says: string;
}

const isOf = (step: string, id: RegExp) => (change: PlannedChange) => change.step === step && id.test(change.id);

/** What neither `undo` nor `rollback` takes back, by the changes that bring it. */
const lasting: readonly Lasting[] = [
  {
    when: isOf('snapshot', /^snapshot:/),
    says: 'The pauses for snapshots on the source: containers that write are held for a moment each, and visitors may notice.',
  },
  {
    when: isOf('push-images', /^commit:/),
    says: 'The pauses in which containers are committed to images.',
  },
  {
    when: isOf('provision', /^cluster:/),
    says: 'AWSServiceRoleForECS: the first ECS cluster of an account makes that role, and it stays.',
  },
  {
    when: isOf('sync-data', /^ebs-snapshot$/),
    says: 'The pause for the EBS snapshot: everything that writes is held for one pass.',
  },
  {
    when: isOf('register-tasks', /^definition:/),
    says: 'Numbers of task definition revisions: after undo, ECS still lists the revisions as inactive.',
  },
  {
    when: isOf('cut-over', /^stop:/),
    says: 'The downtime; and what containers hold in memory alone, tmpfs mounts too, which is gone when they stop.',
  },
  {
    when: isOf('cut-over', /^start:/),
    says: 'What visitors write on the target: rollback brings it back or leaves it behind, as you say, and never merges it with anything else.',
  },
  {
    when: isOf('cut-over', /^forward:/),
    says: 'What the logs of the target say of visitors that were sent on: the address of the source, not theirs.',
  },
  {
    when: isOf('finish', /^/),
    says: 'Finish itself: it takes the way back away, and there is none from then on.',
  },
  {
    when: isOf('undo', /^/),
    says: 'What undo deletes: all that was made in AWS, and the copies on the source, are gone.',
  },
];

/** What of these changes cannot be undone, in words. */
export const irreversibleOf = (changes: readonly PlannedChange[]): string[] =>
  lasting.filter(({ when }) => changes.some(when)).map(({ says }) => says);
