import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { definedBy } from '../../src/design.ts';
import { drawnContainers } from '../../src/report/html/drawn.ts';
import { bytes, duration } from '../../src/report/units.ts';
import { sum } from '../../src/sum.ts';
import { openInChromium, unfold } from './browser.ts';
import { pages, sample } from './pages.ts';

const open = openInChromium();
const { plan, report } = sample;

const opened = new Map<string, Promise<Page>>();

async function shown(name: keyof typeof pages) {
  const opening = opened.get(name) ?? open(pages[name]).then((seen) => seen.page);
  opened.set(name, opening);
  const page = await opening;
  await unfold(page);
  return {
    page,
    count: (what: string) => page.locator(what).count(),
    texts: (what: string) => page.locator(what).allTextContents(),
    text: async (what: string) => (await page.locator(what).allTextContents()).join(' ').replace(/\s+/g, ' '),
  };
}

describe('plan.html says what plan.json does', () => {
  it('has its sections, in order, each with a way to it', async () => {
    const { page, texts } = await shown('plan');
    const ids = [
      'picture',
      'findings',
      'freeze',
      'instance',
      'transfers',
      'changes',
      'costs',
      'accounting',
      'definitions',
      'rules',
      'permissions',
      'irreversible',
      'unchecked',
      'run',
    ];
    expect(await page.evaluate('[...document.querySelectorAll("section")].map(({ id }) => id)')).toEqual(ids);
    expect(
      await page.evaluate('[...document.querySelectorAll("nav a")].map((each) => each.getAttribute("href"))'),
    ).toEqual(ids.map((id) => `#${id}`));
    expect(await texts('h2')).toEqual(await texts('nav a'));
  });

  it('in one sentence with the totals', async () => {
    const lead = await (await shown('plan')).text('.lead');
    const { totals } = plan;
    expect(lead).toContain(`${totals.containers} containers become ${totals.workloads} ECS tasks on one t3.large.`);
    expect(lead).toContain(`${bytes(totals.imageBytes)} of images and ${bytes(totals.dataBytes)} of data`);
    expect(lead).toContain(`about ${duration(sum(plan.prediction.freeze.map(({ seconds }) => seconds)))}`);
    expect(lead).toContain('1 blocker has to be settled first');
  });

  it('draws every container, task, dataset and call, before and after', async () => {
    const { count, texts } = await shown('plan');
    const containers = drawnContainers(plan);
    const calls = sum(containers.map((each) => each.calls.length));
    for (const figure of ['figure:nth-of-type(1)', 'figure:nth-of-type(2)']) {
      expect((await texts(`${figure} g:has(.box) > title`)).sort()).toEqual(containers.map(({ name }) => name).sort());
      expect((await texts(`${figure} g:has(.data) > title`)).sort()).toEqual(
        plan.datasets.map(({ name }) => name).sort(),
      );
      expect(await count(`${figure} .call`)).toBe(calls);
      expect(await count(`${figure} .mount`)).toBe(sum(plan.datasets.map((each) => each.containers.length)));
    }
    expect([await count('figure:nth-of-type(1) .task'), await count('figure:nth-of-type(2) .task')]).toEqual([
      0,
      definedBy(plan).length,
    ]);
    expect(await texts('#picture tbody th')).toEqual(containers.map(({ name }) => name));
  });

  it('has every finding with its remedy, every change, every setting, every definition', async () => {
    const { count, text } = await shown('plan');
    for (const level of ['info', 'warning', 'blocker'] as const)
      expect(await count(`.finding.${level}`)).toBe(plan.totals.findings[level]);
    const findings = await text('#findings');
    for (const { code, subject, remedy } of plan.findings) {
      expect(findings).toContain(`${code}:${subject}`);
      expect(findings).toContain(remedy.replace(/\s+/g, ' '));
    }
    expect(await count('#changes .changes > li')).toBe(plan.totals.changes);
    expect(await count('#accounting tbody tr')).toBe(plan.accounting.length);
    for (const outcome of ['lost', 'approximated'] as const)
      expect(await count(`#accounting td .${outcome}`)).toBe(plan.totals.settings[outcome]);
    expect(await count('#definitions pre')).toBe(definedBy(plan).length);
  });

  it('has what is foretold, number by number', async () => {
    const { count, texts, text } = await shown('plan');
    const { prediction, costs, rules, permissions, irreversible, unchecked } = plan;
    expect(await count('#freeze tbody tr')).toBe(prediction.freeze.length);
    expect(await count('#transfers tbody tr')).toBe(prediction.images.length + prediction.datasets.length);
    expect(await text('#transfers p')).toContain('an assumed rate');
    expect(await texts('#costs td.number')).toEqual([
      ...costs.lines.map(({ monthlyUsd }) => (monthlyUsd === undefined ? 'unknown' : `$${monthlyUsd.toFixed(2)}`)),
      '$96.00',
    ]);
    expect(await count('#rules tbody tr')).toBe(rules.length);
    expect(await texts('#permissions li')).toEqual(permissions);
    expect([await texts('#irreversible li'), await texts('#unchecked li')]).toEqual([irreversible, unchecked]);
    expect(await text('#run')).toContain(plan.hash);
    expect(await text('#run pre')).toBe('ecsodus run --plan plan.json');
  });

  it('fills the bar of the memory by what each task reserves, and beyond what there is in another colour', async () => {
    const { page } = await shown('plan');
    const rects = (await page.evaluate(
      '[...document.querySelector("#instance .bar").querySelectorAll("rect")].map((each) => ({ name: each.textContent, look: each.getAttribute("class"), width: Number(each.getAttribute("width")) + 2 }))',
    )) as { name: string; look: string; width: number }[];
    const { workloads = [], keptBackMib = 0, memoryMib = 0 } = plan.instance ?? {};
    const needed = keptBackMib + sum(workloads.map((each) => each.memoryMib));
    const whole = memoryMib + keptBackMib;
    expect(needed).toBeGreaterThan(whole);
    for (const { name, memoryMib: wanted } of workloads) {
      const width = sum(rects.filter((rect) => rect.name.startsWith(name)).map((rect) => rect.width));
      expect(width).toBeCloseTo((wanted / needed) * 1000, 0);
    }
    const over = sum(rects.filter(({ look }) => look === 'over').map(({ width }) => width));
    expect(over).toBeCloseTo(((needed - whole) / needed) * 1000, 0);
  });

  it('says what is not known where nothing is', async () => {
    const { text } = await shown('plan without facts');
    expect(await text('#instance')).toContain('not known');
    expect(await text('#costs')).toContain('unknown');
    expect(await text('#run')).toContain('made from saved files');
  });
});

describe('report.html says what report.json does', () => {
  it('has its sections, and every change, dataset and check', async () => {
    const { page, count, texts, text } = await shown('report');
    expect(await page.evaluate('[...document.querySelectorAll("section")].map(({ id }) => id)')).toEqual([
      'freeze',
      'proof',
      'checks',
      'dns',
      'way-back',
      'steps',
    ]);
    expect(await count('#steps details tbody tr')).toBe(sum(report.steps.map(({ changes }) => changes.length)));
    expect(await texts('#proof tbody code:first-child')).toEqual(report.proof.map(({ dataset }) => dataset));
    for (const { digest } of report.proof) expect(await text('#proof')).toContain(digest);
    expect(await count('#checks tbody tr')).toBe(report.checks.length);
    expect(await text('.lead')).toContain(duration(report.downtimeSeconds ?? 0));
    expect(await texts('#dns li')).toEqual(report.move.hosts);
    expect(await text('#way-back')).toMatch(/ecsodus rollback.*ecsodus finish/);
  });
});

it('shows no secret of the recorded containers, from environment, labels, commands or configuration', async () => {
  for (const [name, markup] of Object.entries({ ...pages, 'plan.json': JSON.stringify(sample) }))
    expect([name, markup.match(/hunter2.{0,20}/g)]).toEqual([name, null]);
});
