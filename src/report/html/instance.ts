import { sum } from '../../sum.ts';
import type { PlanDocument } from '../plan-document.ts';
import type { PlannedInstance } from '../planned-instance.ts';
import { bar, byTurns } from './bars.ts';
import { type Html, html } from './html.ts';
import { type Section, table, text } from './page.ts';

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
