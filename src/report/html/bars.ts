import { sum } from '../../sum.ts';
import { type Html, html } from './html.ts';

interface Part {
  readonly name: string;
  readonly amount: number;
  readonly look: 'odd' | 'even' | 'kept' | 'over';
}

/** One bar, filled by parts; `label` says what is to be seen. Amounts beyond the whole make it longer. */
export function bar(label: string, parts: readonly Part[], whole: number, isThin = false): Html {
  const length = Math.max(whole, sum(parts.map(({ amount }) => amount)), 1);
  let left = 0;
  const rects = parts.map(({ name, amount, look }) => {
    const [x, width] = [left, (amount / length) * 1000];
    left += width;
    return html`<rect class="${look}" x="${x.toFixed(1)}" y="0" width="${Math.max(0, width - 2).toFixed(1)}" height="10"><title>${name}</title></rect>`;
  });
  return html`<div class="bar${isThin ? ' thin' : ''}"><svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg></div>`;
}

/** Neighbours are told apart by their look. */
export const byTurns = (index: number): 'odd' | 'even' => (index % 2 === 0 ? 'odd' : 'even');
