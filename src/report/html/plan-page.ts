import type { PlanDocument } from '../plan-document.ts';
import { bytes, count, duration } from '../units.ts';
import { beforeAndAfter } from './before-and-after.ts';
import { changesSection } from './changes.ts';
import { costSection, dollars } from './costs.ts';
import { findingsSection } from './findings.ts';
import { freezeSeconds, freezeSection, instanceSection, transferSection } from './foretold.ts';
import { type Html, html } from './html.ts';
import { page, type Section, sentences, tiles } from './page.ts';
import { accountingSection, definitionsSection, rulesSection } from './settings.ts';

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
  const { totals, datasets, instance, idle, prediction, costs } = document;
  const containers = count(totals.containers, 'container');
  const onto = instance === undefined ? 'one instance' : `one ${instance.type}`;
  const data =
    datasets.length > 0 && totals.dataFiles === 0 ? 'data of unknown size' : `${bytes(totals.dataBytes)} of data`;
  const freeze = prediction.freeze.length === 0 ? 'not predicted' : `about ${duration(freezeSeconds(prediction))}`;
  const blockers = totals.findings.blocker;
  return html`<p class="lead">${containers} become ${count(totals.workloads, 'ECS task')} on ${onto}: ${bytes(totals.imageBytes)} of images and ${data}
go over while everything still runs, then the site stands still once, ${freeze === 'not predicted' ? 'for the last delta and its own start' : `for ${freeze}`}.${
    idle.length === 0
      ? ''
      : ` ${idle.length} more that ${idle.length === 1 ? 'does' : 'do'} not run ${idle.length === 1 ? 'goes' : 'go'} along without a service.`
  }</p>
${blockers === 0 ? html`` : html`<p class="lead lost">${count(blockers, 'blocker')} ${blockers === 1 ? 'has' : 'have'} to be settled first.</p>`}
${tiles([
  [`${totals.containers} → ${totals.workloads}`, 'containers → tasks'],
  [
    data === 'data of unknown size' ? 'unknown' : bytes(totals.dataBytes),
    `data in ${count(datasets.length, 'dataset')}`,
  ],
  [bytes(totals.imageBytes), 'images to push'],
  [freeze, 'freeze'],
  [dollars(costs.totalUsd), 'a month in AWS'],
  [String(totals.changes), 'changes'],
])}`;
}

const permissionsSection = ({ permissions }: PlanDocument): Section => ({
  id: 'permissions',
  title: 'AWS permissions',
  body: html`<p>The AWS identity that runs this needs ${count(permissions.length, 'action')}, and no others.</p>
<ul class="columns">${permissions.map((action) => html`<li><code>${action}</code></li>`)}</ul>`,
});

/** A plan without the source's containers was made from files alone. */
const commandSection = ({ hash, containers }: PlanDocument): Section => ({
  id: 'run',
  title: 'Run exactly this',
  body:
    containers.length === 0
      ? html`<p>This plan was made from saved files, so there is nothing to run yet. With the droplet in reach:</p>
<pre class="type">ecsodus plan --report DIR</pre>
<p>Its hash: <code>${hash}</code></p>`
      : html`<p>plan.json lies beside this page. This makes exactly the changes above, without asking, and is refused where the world has moved since:</p>
<pre class="type">ecsodus run --plan plan.json</pre>
<p>Its hash: <code>${hash}</code></p>`,
});
