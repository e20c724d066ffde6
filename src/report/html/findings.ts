import type { Finding } from '../../finding.ts';
import type { PlanDocument } from '../plan-document.ts';
import { count } from '../units.ts';
import { type Html, html, nothing } from './html.ts';
import { folded, type Section, text } from './page.ts';

const meanings = {
  blocker: 'stop the run until they are settled, or accepted in ecsodus.yaml',
  warning: 'should be read before you say yes',
  info: 'are good to know',
} as const;

/** What the operator should know, the worst first, each with what to do about it. */
export const findingsSection = ({ findings }: PlanDocument): Section => ({
  id: 'findings',
  title: 'Findings',
  body:
    findings.length === 0
      ? html`<p>None: nothing stands in the way.</p>`
      : html`${(['blocker', 'warning', 'info'] as const).map((level) => ofLevel(level, findings))}`,
});

function ofLevel(level: Finding['level'], findings: PlanDocument['findings']): Html {
  const own = findings.filter((finding) => finding.level === level);
  if (own.length === 0) return nothing;
  const items = own.map(findingItem);
  const noun = level === 'info' ? `${count(own.length, 'note')}` : count(own.length, level);
  return html`<h3>${noun}</h3>
<p class="faint">These ${meanings[level]}.</p>
${level === 'info' ? folded(text('Show them'), html`${items}`) : items}`;
}

const findingItem = ({ level, code, subject, message, remedy }: PlanDocument['findings'][number]): Html =>
  html`<div class="finding ${level}"><p class="what"><span class="level">${level}</span> <code>${code}:${subject}</code></p>
<p>${message}</p>${remedy === '' ? nothing : html`<p><strong>What to do:</strong> ${remedy}</p>`}</div>
`;
