import { beforeAll, describe, expect, it } from 'vitest';
import { openInChromium, type Seen, unfold } from './browser.ts';
import { evilName, pages } from './pages.ts';

const open = openInChromium();
const every = Object.entries(pages);

describe.each(every)('%s', (_, markup) => {
  let seen: Seen;
  beforeAll(async () => {
    seen = await open(markup);
    await unfold(seen.page);
  });

  it.each([360, 1200])('needs no scrolling to the side at %i px', async (width) => {
    await seen.page.setViewportSize({ width, height: 900 });
    expect(await seen.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('asks for nothing but itself, holds no script and has nothing to complain of', async () => {
    const { page, requests, complaints, url } = seen;
    await page.emulateMedia({ media: 'print' });
    await page.emulateMedia({ media: 'screen' });
    expect([requests, complaints]).toEqual([[url], []]);
    expect(await page.locator('script, img, iframe, object, link, [style], [onload]').count()).toBe(0);
    expect(await page.title()).not.toBe('owned');
  });

  it('has its headings in order, below one of the first level', async () => {
    const levels = (await seen.page.evaluate(
      '[...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((each) => Number(each.tagName[1]))',
    )) as number[];
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.slice(1).entries()) expect(level - (levels[index] ?? 0)).toBeLessThanOrEqual(1);
  });
});

it('a name that looks like markup is text, in the picture too', async () => {
  const { page } = await open(pages['plan with evil names']);
  await unfold(page);
  const name = page.locator('#picture svg').last().locator('g > title', { hasText: '<script>' });
  expect(await name.textContent()).toBe(evilName);
  expect(await page.locator('#picture table th[scope=row]', { hasText: '<script>' }).textContent()).toBe(evilName);
});

it('the policy refuses what would get past the escaping', async () => {
  const injected =
    '<script>document.title="owned"</script><img src="http://127.0.0.1:9/x"><p onclick="1" style="color:red">';
  const { page, complaints } = await open(pages.plan.replace('<main', `${injected}<main`));
  expect(await page.title()).toContain('harbour');
  expect(complaints.filter((each) => each.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3);
});

it('by keyboard the first stop leads past the contents, and what is folded opens', async () => {
  const { page } = await open(pages.plan);
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  expect((await page.locator('.skip').boundingBox())?.x).toBeGreaterThanOrEqual(0);
  const summary = page.locator('#changes summary').first();
  await summary.focus();
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  await page.keyboard.press('Enter');
  expect(await page.locator('#changes details').first().locator('li').first().isVisible()).toBe(true);
});

it('on paper everything is there but the contents and the raw definitions', async () => {
  const { page } = await open(pages.plan);
  await page.emulateMedia({ media: 'print' });
  const isShown = async (what: string) => (await page.locator(what).first().boundingBox()) !== null;
  expect(await isShown('#accounting details td')).toBe(true);
  expect(await isShown('#changes details li')).toBe(true);
  expect(await isShown('#definitions pre')).toBe(false);
  expect(await isShown('nav')).toBe(false);
  expect((await page.pdf()).byteLength).toBeGreaterThan(50_000);
});
