import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

export interface View {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

export interface Seen {
  readonly page: Page;
  /** URLs that the page asked for, its own among them. */
  readonly requests: readonly string[];
  /** What the console said, refusals by the page's policy among it. */
  readonly complaints: readonly string[];
  readonly url: string;
}

/** Debian's Chromium for a test file; the function opens markup in a page of its own. */
export function openInChromium(): (markup: string, view?: View) => Promise<Seen> {
  let browser: Browser;
  beforeAll(async () => {
    // Tests run as root, for whom Chromium has no sandbox.
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());
  return async (markup, { width = 1200, scheme = 'light' } = {}) => {
    const file = join(await mkdtemp(join(tmpdir(), 'page-')), 'page.html');
    await writeFile(file, markup);
    const url = pathToFileURL(file).href;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    return { page, requests, complaints, url };
  };
}

/** Everything that is folded away is shown. */
export const unfold = (page: Page): Promise<void> =>
  page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');

/** What axe-core finds, a line each. It is brought in from outside: the page's policy lets no script in. */
export async function accessibilityProblems(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as axe.AxeResults;
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html)
        .join(' ')}`,
  );
}
