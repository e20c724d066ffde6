import type { PlanDocument } from '../plan-document.ts';
import { signs } from '../signs.ts';
import { bytes, count } from '../units.ts';
import { type Html, html, nothing } from './html.ts';
import { folded, type Section } from './page.ts';

type Changes = PlanDocument['changes'];

/** What a run does, step by step, in its order. */
export function changesSection({ changes }: PlanDocument): Section {
  const steps = [...new Set(changes.map(({ step }) => step))];
  return {
    id: 'changes',
    title: 'Changes, step by step',
    body:
      changes.length === 0
        ? html`<p>There is nothing to do, or nothing was asked about what there is: this plan lists no changes.</p>`
        : html`<ul class="key"><li>+ create</li><li>~ change</li><li>→ copy</li><li>■ stop</li><li>▶ start</li><li>- delete</li><li>· record</li></ul>
${steps.map((step) => stepChanges(step, changes))}`,
  };
}

function stepChanges(step: string, changes: Changes): Html {
  const own = changes.filter((change) => change.step === step);
  return folded(
    html`<strong>${step}</strong> <span class="faint">${count(own.length, 'change')}: ${bySign(own)}</span>`,
    html`<ul class="changes">
${own.map(changeItem)}</ul>`,
  );
}

/** `12 create, 3 copy` */
const bySign = (changes: Changes): string =>
  Object.entries(words)
    .map(([verb, word]) => [changes.filter((change) => change.verb === verb).length, word] as const)
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');

const words = {
  create: 'create',
  update: 'change',
  copy: 'copy',
  start: 'start',
  stop: 'stop',
  delete: 'delete',
  record: 'record',
};

const changeItem = ({ verb, target, reason, bytes: size }: Changes[number]): Html =>
  html`<li><span class="sign ${verb}" role="img" aria-label="${words[verb]}">${signs[verb]}</span>
<span>${target}<small>${reason}</small></span>${size === undefined ? nothing : html`<span class="number">${bytes(size)}</span>`}</li>
`;
