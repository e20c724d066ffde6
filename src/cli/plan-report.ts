import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrationError, messageOf } from '../errors.ts';
import { planPage } from '../report/html/plan-page.ts';
import type { PlanDocument } from '../report/plan-document.ts';
import type { Options } from './options.ts';

/** `--report DIR`: the plan for scripts and for people, side by side; says where on standard error. */
export async function writePlanReport(directory: string, document: PlanDocument, options: Options): Promise<void> {
  const files = [
    ['plan.json', `${JSON.stringify(document, undefined, 2)}\n`],
    ['plan.html', planPage(document)],
  ] as const;
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, text] of files) await writeFile(join(directory, name), text);
  } catch (cause) {
    throw new MigrationError('report-unwritable', `Cannot write into ${directory}: ${messageOf(cause)}`, {
      hint: 'Name another folder with --report DIR.',
      cause,
    });
  }
  if (!options.json && !options.quiet)
    process.stderr.write(`Written: ${files.map(([name]) => join(directory, name)).join(', ')}\n`);
}
