import type { PlanDocument } from '../plan-document.ts';
import { bytes, count, dollars, duration } from '../units.ts';
import { beforeAndAfter } from './before-and-after.ts';
import { changesSection } from './changes.ts';
import { costSection } from './costs.ts';
import { findingsSection } from './findings.ts';
import { freezeSeconds, freezeSection } from './freeze.ts';
import { type Html, html, nothing } from './html.ts';
import { instanceSection } from './instance.ts';
import { page, type Section, sentences, tiles } from './page.ts';
import { accountingSection, definitionsSection, rulesSection } from './settings.ts';
import { transferSection } from './transfers.ts';

/** The plan as one self-contained page: the same facts as plan.json, to be read by people. */
export const planPage = (document: PlanDocument): string =>
  page({
    title: `${document.migration}: from a droplet to Amazon ECS`,
    lead: lead(document),
    sections: [
      beforeAndAfter(document),
      findingsSection(document),
      freezeSection(document),
      instanceSection(document),
      transferSection(document),
      changesSection(document),
      costSection(document),
      accountingSection(document),
      definitionsSection(document),
      rulesSection(document),
      permissionsSection(document),
      {
        id: 'irreversible',
        title: 'What cannot be undone',
        body: sentences(document.irreversible, 'Nothing in this plan.'),
      },
      {
        id: 'unchecked',
        title: 'What was not checked',
        body: sentences(document.unchecked, 'Nothing that ecsodus knows how to check was left out.'),
      },
      commandSection(document),
    ],
    foot: `A dry run: nothing was changed to make this page. Plan ${document.hash}.`,
  });

/** What will happen, in one sentence with the totals. */
function lead(document: PlanDocument): Html {
  const { totals, datasets, instance, prediction, costs, containers } = document;
  const onto = instance === undefined ? 'one instance' : `one ${instance.type}`;
  const isSized = datasets.length === 0 || totals.dataFiles > 0;
  const data = isSized ? bytes(totals.dataBytes) : 'unknown';
  const freeze = prediction.freeze.length === 0 ? undefined : `about ${duration(freezeSeconds(prediction))}`;
  const sending = `${bytes(totals.imageBytes)} of images and ${isSized ? data : 'an unknown amount'} of data go over while everything still runs`;
  return html`<p class="lead">${[
    `${count(totals.containers, 'container')} become ${count(totals.workloads, 'ECS task')} on ${onto}.`,
    ...(freeze === undefined ? [] : [`${sending}, then the site stands still once, for ${freeze}.`]),
    ...atRest(document.idle.flatMap((workload) => workload.containers).length),
  ].join(' ')}</p>
${toSettle(totals.findings.blocker)}
${tiles([
  [`${totals.containers} → ${totals.workloads}`, 'containers → tasks'],
  [data, `data in ${count(datasets.length, 'dataset')}`],
  [bytes(totals.imageBytes), 'images to push'],
  [freeze ?? 'none ahead', 'freeze'],
  [dollars(costs.totalUsd), 'a month in AWS'],
  [containers.length === 0 ? 'not listed' : String(totals.changes), 'changes'],
])}`;
}

const atRest = (containers: number): string[] =>
  containers === 0 ? [] : [`What does not run goes along without a service: ${count(containers, 'container')} more.`];

const toSettle = (blockers: number): Html =>
  blockers === 0
    ? nothing
    : html`<p class="lead lost">${count(blockers, 'blocker')} ${blockers === 1 ? 'has' : 'have'} to be settled first.</p>`;

const permissionsSection = ({ permissions }: PlanDocument): Section => ({
  id: 'permissions',
  title: 'AWS permissions',
  body: html`<p>The AWS identity that runs this needs ${count(permissions.length, 'action')}, and no others.</p>
<ul class="columns">${permissions.map((action) => html`<li><code>${action}</code></li>`)}</ul>`,
});

/** A plan without the source's containers was made from files alone. */
const commandSection = ({ hash, containers, totals }: PlanDocument): Section => ({
  id: 'run',
  title: 'Run exactly this',
  body: html`${
    containers.length === 0
      ? html`<p>This plan was made from saved files, so there is nothing to run yet. With the droplet in reach:</p>
<pre class="type">ecsodus plan --report DIR</pre>`
      : html`<p>plan.json lies beside this page. This makes exactly the changes above, without asking, and is refused where the world has moved since:</p>
<pre class="type">ecsodus run --plan plan.json</pre>`
  }
${totals.findings.blocker === 0 ? nothing : html`<p>While a blocker stands it is refused: settle it, and plan again.</p>`}
<p>The plan's hash: <code>${hash}</code></p>`,
});
