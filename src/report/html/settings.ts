import { definedBy } from '../../design.ts';
import type { AccountingRow } from '../../finding.ts';
import type { PlanDocument } from '../plan-document.ts';
import { count } from '../units.ts';
import { type Html, html, nothing } from './html.ts';
import { code, folded, type Section, table, text, tiles } from './page.ts';

/** What becomes of every setting, container by container. */
export function accountingSection({ accounting, totals }: PlanDocument): Section {
  const { mapped, approximated, lost } = totals.settings;
  const containers = [...new Set(accounting.map(({ container }) => container))];
  return {
    id: 'accounting',
    title: 'What becomes of each setting',
    body: html`<p>Every container setting that is not a default, and where it goes.</p>
${tiles([
  [String(mapped), 'mapped as they are'],
  [String(approximated), 'approximated'],
  [String(lost), 'lost'],
])}
${containers.map((container) =>
  containerRows(
    container,
    accounting.filter((row) => row.container === container),
  ),
)}`,
  };
}

function containerRows(container: string, rows: readonly AccountingRow[]): Html {
  const told = (['lost', 'approximated'] as const)
    .map((outcome) => [rows.filter((row) => row.outcome === outcome).length, outcome] as const)
    .filter(([number]) => number > 0)
    .map(([number, outcome]) => `, ${number} ${outcome}`);
  return folded(
    html`<strong>${container}</strong> <span class="faint">${count(rows.length, 'setting')}${told.join('')}</span>`,
    table(
      `Settings of ${container}`,
      [{ title: 'Setting' }, { title: 'Where it goes, and what to know' }],
      rows.map((row) => [
        html`<code>${row.setting}</code><br><code class="faint">${row.value}</code>`,
        html`<span class="${row.outcome}">${row.outcome}</span>: ${[row.target, row.note].filter((part) => part !== '').join('; ')}`,
      ]),
    ),
  );
}

/** Each task definition as it is registered, but for what looks secret in commands, labels and options. */
export const definitionsSection = (document: PlanDocument): Section => ({
  id: 'definitions',
  title: 'Task definitions',
  body: html`<p>As they are registered, but that what looks like a secret is not shown. On paper see plan.json instead.</p>
${definedBy(document).map(
  ({ name, containers, why, taskDefinition }) =>
    html`<details class="definition"><summary><strong>${name}</strong> <span class="faint">${containers.join(', ')}</span></summary>
${why.length === 0 ? nothing : html`<p class="faint">Together because of: ${why.join('; ')}</p>`}
<pre>${JSON.stringify(taskDefinition, undefined, 2)}</pre></details>
`,
)}`,
});

export const rulesSection = ({ rules }: PlanDocument): Section => ({
  id: 'rules',
  title: 'Security group',
  body:
    rules.length === 0
      ? html`<p>No rule is known yet.</p>`
      : table(
          'What is let in to the instance, and nothing else',
          [{ title: 'Port' }, { title: 'From' }, { title: 'For' }],
          rules.map(({ port, cidr, description }) => [text(port), code(cidr), text(description)]),
        ),
});
