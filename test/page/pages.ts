import { parseConfig } from '../../src/config.ts';
import { planPage } from '../../src/report/html/plan-page.ts';
import { runPage } from '../../src/report/html/run-page.ts';
import { designDocument } from '../../src/report/plan-document.ts';
import { makeSample, type Sample } from '../sample/files.ts';

export const sample = await makeSample();

/** A name that is markup where it is not taken for text, and the name of a file that nobody can break into lines. */
export const evilName = `<script>document.title='owned'</script><img src=http://127.0.0.1:9/x>"onload='${'x'.repeat(120)}`;

const evil = JSON.parse(
  JSON.stringify(sample).replaceAll('mail-relay', JSON.stringify(evilName).slice(1, -1)),
) as Sample;

/** A plan of which nothing is known but its containers. */
const bare = designDocument(
  parseConfig('{source: bare, instance: {type: x1.huge}}'),
  { ...sample.plan, watchers: [] },
  'nowhere-1',
);

export const pages = {
  plan: planPage(sample.plan),
  'plan without facts': planPage(bare),
  'plan with evil names': planPage(evil.plan),
  report: runPage(sample.report),
  'report with evil names': runPage(evil.report),
} as const;
