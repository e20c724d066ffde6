import { expect, it } from 'vitest';
import { accessibilityProblems, openInChromium, unfold } from './browser.ts';
import { pages } from './pages.ts';

const open = openInChromium();

it.each(['plan', 'plan without facts', 'report'] as const)(
  'axe-core minds nothing of the %s, light or dark',
  async (name) => {
    const { page } = await open(pages[name]);
    await unfold(page);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityProblems(page, ['color-contrast'])).toEqual([]);
  },
);
