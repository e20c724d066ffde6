import type { Workload } from '../design.ts';
import { reservedMib } from '../ecs/task-needs.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { StepPlan } from '../pipeline.ts';
import type { Change } from '../step.ts';
import { sum } from '../sum.ts';
import type { Paint } from './colour.ts';
import type { PlanDocument } from './plan-document.ts';
import type { Prediction } from './prediction.ts';
import { signs } from './signs.ts';
import { bytes, count, dollars, duration } from './units.ts';

/** The dry run for a terminal: a tree by step, then what is lost, what to know, and the totals. */
export const planText = (plans: readonly StepPlan[], document: PlanDocument, paint: Paint): string =>
  shortIds(
    oneBlank(
      [
        ...plans.flatMap((plan) => stepLines(plan, document.prediction, paint)),
        ...toldLines(document, paint),
        '',
        ...aheadLines(document, paint),
        paint('dim', legend),
        `${count(document.totals.changes, 'change')}; ${totalsText(document)}`,
      ].join('\n'),
    ),
  );

const legend = Object.entries(signs)
  .map(([verb, sign]) => `${sign} ${verb}`)
  .join('   ');

/** Between two steps that have changes one line stays free. */
const oneBlank = (text: string): string => text.replace(/\n{3,}/g, '\n\n');

/** Names of anonymous volumes, as short as Docker shows them. */
const shortIds = (text: string): string => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');

/** The design alone for a terminal: what becomes one task, then what is lost, what to know, and the totals. */
export const designText = (document: PlanDocument, paint: Paint): string =>
  [
    ...document.workloads.map((workload) => workloadLine(workload, paint)),
    ...toldLines(document, paint),
    '',
    ...aheadLines(document, paint),
    totalsText(document),
  ].join('\n');

const toldLines = ({ accounting, findings }: PlanDocument, paint: Paint): string[] => [
  ...accountingLines(accounting, paint),
  ...findingLines(findings, paint),
];

const workloadLine = (workload: Workload, paint: Paint): string => {
  const ports =
    workload.ports.length > 0 ? `, ${workload.ports.length === 1 ? 'port' : 'ports'} ${workload.ports.join(', ')}` : '';
  return `${paint('bold', workload.name)}  ${workload.containers.join(', ')}${paint('dim', `  ${reservedMib(workload.taskDefinition)} MiB${ports}`)}`;
};

function stepLines({ step, title, plan }: StepPlan, prediction: Prediction, paint: Paint): string[] {
  if (plan.changes.length === 0) return [`${paint('bold', step)}  ${title}: ${paint('green', 'nothing to do')}`];
  const head = `${paint('bold', step)}  ${title}: ${count(plan.changes.length, 'change')}`;
  return ['', head, ...plan.changes.map((change) => changeLine(change, timeOf(change, prediction), paint)), ''];
}

function changeLine({ verb, target, reason, bytes: size }: Change, seconds: number | undefined, paint: Paint): string {
  const told = [...(size === undefined ? [] : [bytes(size)]), ...(seconds === undefined ? [] : [about(seconds)])];
  return `  ${signs[verb]} ${target}${told.length === 0 ? '' : paint('cyan', ` ${told.join(', ')}`)}${paint('dim', `  ${reason}`)}`;
}

/** Of an image to push, or of the first copy of a dataset. */
const timeOf = ({ id, target }: Change, { images, datasets }: Prediction): number | undefined =>
  id.startsWith('push:')
    ? images.find(({ reference }) => reference === target)?.seconds
    : datasets.find(({ name }) => id === `dataset:${name}`)?.seconds;

const about = (seconds: number): string => `about ${duration(seconds)}`;

/** How long it will take, and what it will cost; nothing where neither is ahead or known. */
function aheadLines({ prediction, costs }: PlanDocument, paint: Paint): string[] {
  const { bytesPerSecond, isMeasured, images, datasets, freeze } = prediction;
  const copies = sum([...images, ...datasets].map(({ seconds }) => seconds));
  const rate = `${bytes(bytesPerSecond)} a second, ${isMeasured ? 'as an earlier run measured' : 'which is assumed until there is a target to measure the link to'}`;
  return [
    ...(copies === 0 ? [] : [`${paint('bold', 'While everything runs')}  ${about(copies)} of copying at ${rate}.`]),
    ...(freeze.length === 0
      ? []
      : [
          `${paint('bold', 'Then visitors wait')}  ${about(sum(freeze.map(({ seconds }) => seconds)))}: ${freeze.map(({ part, seconds }) => `${part} ${duration(seconds)}`).join(', ')}.`,
        ]),
    ...(costs.totalUsd === undefined
      ? []
      : [`${paint('bold', 'A month')}  ${dollars(costs.totalUsd)} in AWS, of what is known${besideDroplet(costs)}.`]),
  ];
}

const besideDroplet = ({ droplet }: PlanDocument['costs']): string =>
  droplet.monthlyUsd === undefined ? '' : `; the droplet ${dollars(droplet.monthlyUsd)}`;

function accountingLines(rows: readonly AccountingRow[], paint: Paint): string[] {
  const told = rows.filter(({ outcome }) => outcome !== 'mapped');
  if (told.length === 0) return [];
  return [
    '',
    paint(
      'bold',
      `Settings: ${rows.length - told.length} mapped, ${told.filter(({ outcome }) => outcome === 'approximated').length} approximated, ${told.filter(({ outcome }) => outcome === 'lost').length} lost`,
    ),
    ...told.map(
      ({ container, setting, value, outcome, target, note }) =>
        `  ${paint(outcome === 'lost' ? 'red' : 'yellow', outcome)} ${container} ${setting} = ${value}: ${[target, note].filter((part) => part !== '').join('; ')}`,
    ),
  ];
}

const colours = { info: 'blue', warning: 'yellow', blocker: 'red' } as const;

function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  if (findings.length === 0) return [];
  const ordered = (['blocker', 'warning', 'info'] as const).flatMap((level) =>
    findings.filter((finding) => finding.level === level),
  );
  return [
    '',
    paint('bold', 'Findings'),
    ...ordered.map(
      ({ level, code, subject, message, remedy }) =>
        `  ${paint(colours[level], level)} ${code}:${subject}  ${message}${remedy ? paint('dim', ` ${remedy}`) : ''}`,
    ),
  ];
}

const totalsText = ({ totals, datasets }: PlanDocument): string =>
  [
    `${count(totals.workloads, 'workload')} of ${count(totals.containers, 'container')}`,
    `${totals.reservedMemoryMib} MiB of memory reserved`,
    `${bytes(totals.imageBytes)} of images to push`,
    datasets.length > 0 && totals.dataFiles === 0
      ? `${count(datasets.length, 'dataset')} of unknown size`
      : `${bytes(totals.dataBytes)} of data in ${totals.dataFiles} entries`,
  ]
    .join('; ')
    .concat('.');
