import type { FreezePart } from '../freeze-parts.ts';
import type { PlanDocument } from '../plan-document.ts';
import type { PlannedInstance } from '../planned-instance.ts';
import type { Prediction } from '../prediction.ts';
import { bytes, count, duration } from '../units.ts';
import { bar, byTurns } from './bars.ts';
import { type Html, html } from './html.ts';
import { code, type Section, table, text } from './page.ts';
import { grouped, roughly } from './words.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

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

/** Memory and CPU of the instance, filled by the workloads. */
export function instanceSection({ instance }: PlanDocument): Section {
  const body =
    instance === undefined
      ? html`<p>Not known: no type holds these workloads, or what it has is not known here. The findings say more.</p>`
      : html`<h3>Memory</h3>
${roomLeft(memoryOf(instance))}
<h3>CPU</h3>
${roomLeft(cpuOf(instance))}
${workloadTable(instance)}`;
  return { id: 'instance', title: `Room on the ${instance?.type ?? 'instance'}`, body };
}

interface Room {
  readonly word: string;
  readonly unit: string;
  readonly whole: number;
  readonly kept: number;
  readonly taken: readonly { readonly name: string; readonly amount: number }[];
}

const memoryOf = ({ memoryMib, keptBackMib, workloads }: PlannedInstance): Room => ({
  word: 'Memory',
  unit: 'MiB',
  whole: memoryMib + keptBackMib,
  kept: keptBackMib,
  taken: workloads.map(({ name, memoryMib: amount }) => ({ name, amount })),
});

const cpuOf = ({ cpuUnits, workloads }: PlannedInstance): Room => ({
  word: 'CPU',
  unit: 'units',
  whole: cpuUnits,
  kept: 0,
  taken: workloads.map(({ name, cpuUnits: amount }) => ({ name, amount })),
});

function roomLeft({ word, unit, whole, kept, taken }: Room): Html {
  const left = whole - kept - sum(taken.map(({ amount }) => amount));
  const said = [
    ...(kept > 0 ? [`${kept} ${unit} kept back by the kernel and the ECS agent`] : []),
    `${sum(taken.map(({ amount }) => amount))} ${unit} reserved by tasks`,
    left < 0 ? `${-left} ${unit} more than it has` : `${left} ${unit} left`,
  ].join(', ');
  let used = kept;
  const parts = taken.flatMap(({ name, amount }, index) => {
    const fits = Math.min(amount, Math.max(0, whole - used));
    used += amount;
    return [
      { name, amount: fits, look: byTurns(index) },
      { name: `${name}, beyond what it has`, amount: amount - fits, look: 'over' as const },
    ].filter((part) => part.amount > 0);
  });
  const all = kept > 0 ? [{ name: 'kept back', amount: kept, look: 'kept' as const }, ...parts] : parts;
  return html`<p>Of ${whole} ${unit}: ${said}.</p>
${bar(`${word}: ${said}`, all, whole)}`;
}

const workloadTable = ({ workloads, memoryMib, cpuUnits, type }: PlannedInstance): Html =>
  table(
    `What each task reserves of the ${type}`,
    [
      { title: 'Task' },
      { title: 'Memory, MiB', isNumber: true },
      { title: 'Share' },
      { title: 'CPU units', isNumber: true },
    ],
    workloads.map((each) => [
      text(each.name),
      text(each.memoryMib),
      bar(
        `${Math.round((100 * each.memoryMib) / memoryMib)} % of the memory, ${Math.round((100 * each.cpuUnits) / cpuUnits)} % of the CPU`,
        [{ name: each.name, amount: each.memoryMib, look: 'odd' }],
        memoryMib,
        true,
      ),
      text(each.cpuUnits),
    ]),
  );

/** What goes over, how much it is, and how long it takes. */
export function transferSection({ prediction }: PlanDocument): Section {
  const { images, datasets, bytesPerSecond, isMeasured } = prediction;
  const rate = `${bytes(bytesPerSecond)} a second`;
  const registry = images[0]?.reference.split('/')[0];
  if (images.length + datasets.length === 0)
    return { id: 'transfers', title: 'What goes over the wire', body: html`<p>Nothing, or nothing that is known.</p>` };
  return {
    id: 'transfers',
    title: 'What goes over the wire',
    body: html`<p>${isMeasured ? `Times are by the link as it was measured: ${rate}.` : `Times assume ${rate}: an assumed rate, since there is no target yet to measure the link to.`}
All of this goes over while everything still runs${registry === undefined ? '' : `, images to ${registry}`}.</p>
${table(
  `Images to push: ${inAll('image', images)}`,
  sizeColumns('Image'),
  images.map((each) => [
    code(each.reference.replace(/^[^/]*\//, '')),
    text(bytes(each.bytes)),
    text(roughly(each.seconds)),
  ]),
)}
${table(
  `Datasets to copy: ${inAll('dataset', datasets)}`,
  [{ title: 'Dataset' }, { title: 'Entries', isNumber: true }, ...sizeColumns('').slice(1)],
  datasets.map((each) => [
    code(each.name),
    text(grouped(each.files)),
    text(bytes(each.bytes)),
    text(roughly(each.seconds)),
  ]),
)}`,
  };
}

const inAll = (noun: string, all: readonly { readonly bytes: number; readonly seconds: number }[]): string =>
  `${count(all.length, noun)}, ${bytes(sum(all.map((each) => each.bytes)))}, about ${roughly(sum(all.map(({ seconds }) => seconds)))}`;

const sizeColumns = (title: string) => [
  { title },
  { title: 'Size', isNumber: true as const },
  { title: 'Time', isNumber: true as const },
];
