import { sum } from '../../sum.ts';
import type { FreezePart } from '../freeze-parts.ts';
import type { PlanDocument } from '../plan-document.ts';
import type { Prediction } from '../prediction.ts';
import { duration } from '../units.ts';
import { bar, byTurns } from './bars.ts';
import { type Html, html } from './html.ts';
import { type Section, table, text } from './page.ts';

/** How long visitors wait, in seconds. */
export const freezeSeconds = ({ freeze }: Prediction): number => sum(freeze.map(({ seconds }) => seconds));

/** The freeze as it is predicted, and what it is made of. */
export function freezeSection({ prediction }: PlanDocument): Section {
  const { freeze } = prediction;
  const total = freezeSeconds(prediction);
  const body =
    freeze.length === 0
      ? html`<p>None is ahead in this plan, or nobody has predicted it.</p>`
      : html`<p>Some <strong>${duration(total)}</strong>, from the moment containers stop until the last of them answers on the target.
Snapshots before it hold single containers for moments; the changes say which.</p>
${partsBar('The freeze', freeze)}
${partsTable('What the freeze is made of', freeze)}`;
  return { id: 'freeze', title: 'The freeze', body };
}

export const partsBar = (label: string, parts: readonly FreezePart[]): Html =>
  bar(
    `${label}: ${parts.map(({ part, seconds }) => `${part} ${duration(seconds)}`).join(', ')}`,
    parts.map(({ part, seconds }, index) => ({ name: part, amount: seconds, look: byTurns(index) })),
    0,
  );

export const partsTable = (caption: string, parts: readonly FreezePart[]): Html =>
  table(
    caption,
    [{ title: 'Part' }, { title: 'Time', isNumber: true }, { title: 'Why' }],
    parts.map(({ part, seconds, why }) => [text(part), text(duration(seconds)), text(why)]),
  );
