import type { Finding } from '../finding.ts';
import { shownCall } from './calls.ts';
import type { Group } from './grouping.ts';
import type { Wiring } from './wiring.ts';

/** What its owner should know of a task of several containers: why they are together, and who is linked to whom. */
export function wiringFindings({ name, members, why }: Group, { links }: Wiring): Finding[] {
  if (members.length < 2) return [];
  const shown = links.filter(({ evidence }) => evidence.length > 0);
  const guessed = links.filter(({ evidence }) => evidence.length === 0);
  const message = [
    `One task of ${members.map((member) => member.name).join(', ')}, which end together: ${why.join('; ')}.`,
    ...(shown.length > 0 ? [`Linked by what they call: ${shown.map(shownCall).join('; ')}.`] : []),
    ...(guessed.length > 0
      ? [`No sign of a call, so linked to what was there before: ${guessed.map(shownCall).join('; ')}.`]
      : []),
  ].join(' ');
  return [
    {
      level: 'info',
      code: 'grouped',
      subject: name,
      message,
      remedy: 'Group them otherwise with "workloads:" in ecsodus.yaml.',
    },
  ];
}
