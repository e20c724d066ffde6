import type { CostLine } from '../cost-line.ts';
import type { PlanDocument } from '../plan-document.ts';
import { dollars } from '../units.ts';
import { type Html, html } from './html.ts';
import { type Section, table, text, tiles } from './page.ts';

/** What a month costs in AWS, beside the droplet. */
export function costSection({ costs }: PlanDocument): Section {
  const { lines, droplet, totalUsd } = costs;
  return {
    id: 'costs',
    title: 'What it costs a month',
    body: html`${tiles([
      [dollars(totalUsd), 'AWS, a month: all lines below that are known'],
      [dollars(droplet.monthlyUsd), 'the droplet, a month'],
    ])}
<p>While both run you pay for both. Taxes, discounts and free tiers are not in these figures.</p>
${table(
  'Cost by line',
  [{ title: 'What' }, { title: 'A month', isNumber: true }, { title: 'How it comes about, and whose price it is' }],
  [...lines, droplet].map(lineRow),
)}`,
  };
}

const lineRow = (line: CostLine): readonly Html[] => [
  text(line.what),
  text(dollars(line.monthlyUsd)),
  html`${line.how}<br><span class="faint">${[line.source, line.date].filter((each) => each !== '').join(', ')}</span>`,
];
