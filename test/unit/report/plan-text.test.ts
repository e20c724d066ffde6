import { expect, it } from 'vitest';
import { painter } from '../../../src/report/colour.ts';
import type { PlanDocument } from '../../../src/report/plan-document.ts';
import { planText } from '../../../src/report/plan-text.ts';
import type { Change } from '../../../src/step.ts';

const change = (id: string, target: string, bytes?: number): Change => ({
  id,
  verb: 'copy',
  target,
  reason: 'a test',
  ...(bytes !== undefined && { bytes }),
});

const plans = [
  {
    step: 'push-images',
    title: 'Push',
    plan: { changes: [change('push:blog/web:1', 'r/blog/web:1', 5e6)], outputs: {}, findings: [] },
  },
  {
    step: 'sync-data',
    title: 'Copy',
    plan: {
      changes: [change('key', 'a key'), change('dataset:volumes/db', '/data/volumes/db', 5e9)],
      outputs: {},
      findings: [],
    },
  },
];

const known = {
  accounting: [],
  findings: [],
  datasets: [],
  totals: {
    changes: 3,
    workloads: 1,
    containers: 2,
    reservedMemoryMib: 64,
    imageBytes: 5e6,
    dataBytes: 5e9,
    dataFiles: 9,
  },
  prediction: {
    bytesPerSecond: 25e6,
    isMeasured: false,
    images: [{ reference: 'r/blog/web:1', bytes: 5e6, seconds: 0.2 }],
    datasets: [{ name: 'volumes/db', bytes: 5e9, files: 9, seconds: 200 }],
    freeze: [
      { part: 'stop', seconds: 2, why: '' },
      { part: 'start', seconds: 25, why: '' },
    ],
  },
  costs: { lines: [], droplet: { monthlyUsd: 48 }, totalUsd: 124.05 },
} as unknown as PlanDocument;

const text = (over: object = {}) =>
  planText(plans, { ...known, ...over } as PlanDocument, painter({ isTTY: false } as never)).split('\n');

it('says of each image and dataset how long it takes, and what visitors wait for, and what a month costs', () => {
  const lines = text();
  expect(lines).toContain('  → r/blog/web:1 5.0 MB, about 0.2 s  a test');
  expect(lines).toContain('  → a key  a test');
  expect(lines).toContain('  → /data/volumes/db 5.0 GB, about 3 min 20 s  a test');
  expect(lines).toContain(
    'While everything runs  about 3 min 20 s of copying at 25.0 MB a second, which is assumed until there is a target to measure the link to.',
  );
  expect(lines).toContain('Then visitors wait  about 27 s: stop 2.0 s, start 25 s.');
  expect(lines).toContain('A month  $124.05 in AWS, of what is known; the droplet $48.00.');
});

it('says by what run the link was measured, and nothing of what is not ahead or not known', () => {
  const { prediction, costs } = known;
  expect(text({ prediction: { ...prediction, isMeasured: true } }).join('\n')).toContain('as an earlier run measured.');
  const nothing = text({
    prediction: { ...prediction, images: [], datasets: [], freeze: [] },
    costs: { ...costs, totalUsd: undefined },
  });
  expect(nothing.join('\n')).not.toMatch(/While everything runs|visitors wait|A month|about/);
});
