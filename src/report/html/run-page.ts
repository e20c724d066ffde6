import { sum } from '../../sum.ts';
import type { RunReport } from '../run-report.ts';
import { signs } from '../signs.ts';
import { bytes, count, duration } from '../units.ts';
import { partsBar, partsTable } from './freeze.ts';
import { type Html, html, nothing } from './html.ts';
import { code, folded, page, type Section, table, text, tiles } from './page.ts';
import { grouped } from './words.ts';

/** A run that was made to its end, as one self-contained page: what was done, the proof, and what is left to do. */
export const runPage = (report: RunReport): string =>
  page({
    title: `${report.migration}: the migration`,
    lead: lead(report),
    sections: [
      freezeSection(report),
      proofSection(report),
      checksSection(report),
      dnsSection(report),
      wayBackSection(report),
      stepsSection(report),
    ],
    foot: `Made by ecsodus when the run ended. The same as data: report.json in this folder.`,
  });

function lead({ steps, proof, downtimeSeconds, startedAt, endedAt, move }: RunReport): Html {
  const data = bytes(sum(proof.map((each) => each.bytes)));
  return html`<p class="lead">${[
    `The target${move.to === undefined ? '' : ` at ${move.to}`} serves.`,
    ...(proof.length === 0
      ? []
      : [
          `${data} of data in ${count(proof.length, 'dataset')} arrived, and every entry was compared on both sides before it started.`,
        ]),
    ...(downtimeSeconds === undefined ? [] : [`Visitors had no answer for ${duration(downtimeSeconds)}.`]),
  ].join(' ')}</p>
<p class="faint">${when(startedAt, endedAt)}</p>
${tiles([
  [downtimeSeconds === undefined ? 'not measured' : duration(downtimeSeconds), 'without an answer at the old address'],
  [data, 'proved the same'],
  [duration(sum(steps.map(({ seconds }) => seconds))), 'of work in all'],
  [String(sum(steps.map(({ changes }) => changes.length))), 'changes made'],
])}`;
}

/** `2026-11-25 21:04 to 21:32, UTC` */
function when(from: string, to: string): string {
  const day = from.slice(0, 10);
  const end = to.startsWith(day) ? to.slice(11, 16) : moment(to);
  return `${moment(from)} to ${end}, UTC`;
}

const moment = (at: string): string => at.slice(0, 16).replace('T', ' ');

const freezeSection = ({ freeze, downtimeSeconds }: RunReport): Section => ({
  id: 'freeze',
  title: 'The freeze',
  body:
    freeze.length === 0
      ? html`<p>This run stopped nothing.</p>`
      : html`<p>${
          downtimeSeconds === undefined
            ? 'Nobody measured it at the old address: no page is checked, and no port is published.'
            : `Visitors of the old address were without an answer for ${duration(downtimeSeconds)}, from the last good one to the first.`
        } By the journal, its parts took:</p>
${partsBar('The freeze', freeze)}
${partsTable('What the freeze was made of', freeze)}`,
});

const proofSection = ({ proof }: RunReport): Section => ({
  id: 'proof',
  title: 'The proof',
  body: html`<p>With everything stopped, each entry's type, mode, owner, time, size and content was read on both sides. One digest a dataset stands for all of it, and was the same on both.</p>
${table(
  'Datasets as they were handed over',
  [
    { title: 'Dataset, and the SHA-256 of its manifest' },
    { title: 'Entries', isNumber: true },
    { title: 'Size', isNumber: true },
  ],
  proof.map((each) => [
    html`<code>${each.dataset}</code><br><code class="faint">${each.digest}</code>`,
    text(grouped(each.files)),
    text(bytes(each.bytes)),
  ]),
)}`,
});

function checksSection({ checks }: RunReport): Section {
  const steps = [...new Set(checks.map(({ step }) => step))];
  return {
    id: 'checks',
    title: 'Checks',
    body: html`<p>Each step looked again after it was done, and not at what it had reported itself.</p>
${steps.map((step) => {
  const own = checks.filter((check) => check.step === step);
  return folded(
    html`<strong>${step}</strong> <span class="faint">${count(own.length, 'check')}</span>`,
    table(
      `Checks of ${step}`,
      [{ title: 'What' }, { title: 'Outcome' }, { title: 'What was seen' }],
      own.map(({ name, status, reason }) => [
        text(name),
        html`<span class="${status === 'fail' ? 'lost' : status}">${status === 'skip' ? 'skipped' : status}</span>`,
        text(reason),
      ]),
    ),
  );
})}`,
  };
}

function dnsSection({ move }: RunReport): Section {
  const { from, to = 'the public address of the instance', isLent, hosts, ports, isForwarded } = move;
  const meanwhile = isForwarded
    ? `Until then ${from} hands on who still comes to ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}; it must stay on until finish.`
    : 'Who still comes to the old address finds nobody.';
  return {
    id: 'dns',
    title: 'What to switch in DNS',
    body: html`<p>Let every name that points to <code>${from}</code> point to <code>${to}</code>. ${meanwhile}</p>
${hosts.length === 0 ? nothing : html`<ul>${hosts.map((host) => html`<li><code>${host}</code></li>`)}</ul>`}
${isLent ? html`<p>The address is lost when the instance is stopped: give it an Elastic IP before you write it into DNS.</p>` : nothing}`,
  };
}

const wayBackSection = ({ move }: RunReport): Section => ({
  id: 'way-back',
  title: 'Back, or on',
  body: html`<p>The droplet keeps its containers, volumes and images, stopped. Until you say finish it can take over again:</p>
<pre class="type">ecsodus rollback</pre>
<p>It asks what becomes of the data written since: brought back (<code>--bring-data-back</code>), or left on the target's disk (<code>--leave-data</code>).</p>
<p>When you are sure, and DNS no longer leads to ${move.from}:</p>
<pre class="type">ecsodus finish</pre>
<p>From then on there is no way back. The droplet itself is yours to remove.</p>`,
});

const stepsSection = ({ steps }: RunReport): Section => ({
  id: 'steps',
  title: 'What was done',
  body: html`${table(
    'Steps, and how long their changes took',
    [{ title: 'Step' }, { title: 'Changes', isNumber: true }, { title: 'Time', isNumber: true }],
    steps.map(({ title, seconds, changes }) => [
      text(title),
      text(changes.length),
      text(changes.length === 0 ? 'looked' : duration(seconds)),
    ]),
  )}
${steps.filter(({ changes }) => changes.length > 0).map(changesOf)}`,
});

const changesOf = ({ step, changes }: RunReport['steps'][number]): Html =>
  folded(
    html`<strong>${step}</strong> <span class="faint">${count(changes.length, 'change')}</span>`,
    table(
      `Changes of ${step}`,
      [{ title: 'Change' }, { title: 'Time', isNumber: true }],
      changes.map(({ verb, target, seconds }) => [
        html`<span class="sign">${signs[verb]}</span> ${code(target)}`,
        text(seconds === undefined ? 'unknown' : duration(seconds)),
      ]),
    ),
  );
