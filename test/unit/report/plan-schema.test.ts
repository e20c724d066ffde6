import { expect, it } from 'vitest';
import { planJsonSchema } from '../../../src/report/plan-schema.ts';

it('the published schema is the one that documents are held against (else: vitest run -u)', async () => {
  const text = `${JSON.stringify(planJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../../src/report/plan.schema.json');
});
