import type { AccountingRow, Finding } from '../finding.ts';
import type { StepPlan } from '../pipeline.ts';
import type { Change, Verb } from '../step.ts';
import type { Paint } from './colour.ts';
import type { PlanDocument } from './plan-document.ts';
import { bytes, count } from './units.ts';

const signs: Readonly<Record<Verb, string>> = {
  create: '+',
  update: '~',
  copy: '→',
  start: '▶',
  stop: '■',
  delete: '-',
  record: '·',
};

/** The dry run for a terminal: a tree by step, then what is lost, what to know, and the totals. */
export function planText(plans: readonly StepPlan[], document: PlanDocument, paint: Paint): string {
  return [
    ...plans.flatMap((plan) => stepLines(plan, paint)),
    ...accountingLines(document.accounting, paint),
    ...findingLines(document.findings, paint),
    '',
    totalsLine(document),
  ].join('\n');
}

function stepLines({ step, title, plan }: StepPlan, paint: Paint): string[] {
  const state = plan.changes.length === 0 ? paint('green', 'nothing to do') : count(plan.changes.length, 'change');
  return [`${paint('bold', step)}  ${title}: ${state}`, ...plan.changes.map((change) => changeLine(change, paint))];
}

const changeLine = ({ verb, target, reason, bytes: size }: Change, paint: Paint): string =>
  `  ${signs[verb]} ${target}${size === undefined ? '' : paint('cyan', ` ${bytes(size)}`)}${paint('dim', `  ${reason}`)}`;

function accountingLines(rows: readonly AccountingRow[], paint: Paint): string[] {
  const told = rows.filter(({ fate }) => fate !== 'mapped');
  if (told.length === 0) return [];
  return [
    '',
    paint(
      'bold',
      `Settings: ${rows.length - told.length} mapped, ${told.filter(({ fate }) => fate === 'approximated').length} approximated, ${told.filter(({ fate }) => fate === 'lost').length} lost`,
    ),
    ...told.map(
      ({ container, setting, value, fate, detail }) =>
        `  ${paint(fate === 'lost' ? 'red' : 'yellow', fate)} ${container} ${setting} = ${value}: ${detail}`,
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

const totalsLine = ({ totals, workloads }: PlanDocument): string =>
  `${count(totals.changes, 'change')}; ${count(workloads.length, 'workload')}; ${bytes(totals.imageBytes)} of images to push; ${bytes(totals.dataBytes)} of data in ${totals.dataFiles} entries.`;
