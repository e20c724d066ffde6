import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { type CutOverSeen, wantedCutOver } from '../../src/cut-over.ts';
import type { Design } from '../../src/design.ts';
import { rulesPerForward } from '../../src/forward.ts';
import type { Live } from '../../src/freeze.ts';
import type { Mark } from '../../src/marks.ts';

const design = {
  workloads: [{ name: 'web', containers: ['db', 'app'], taskDefinition: { family: 'web' }, secrets: [], ports: [80] }],
  datasets: [
    {
      name: 'volumes/db',
      kind: 'directory',
      source: '/v/db',
      target: '/data/volumes/db',
      bytes: 9,
      files: 1,
      containers: ['db'],
    },
  ],
} as unknown as Design;

const config = parseConfig('source: droplet\nchecks: ["http://a.test/"]');
const container = (name: string, change: Partial<Live> = {}): Live => ({
  id: name,
  name,
  running: true,
  restartPolicy: 'always',
  finishedAt: '',
  ...change,
});
const stopped = { running: false, restartPolicy: 'no', finishedAt: '2026-01-01T00:00:09Z' };
const mark = (kind: Mark['kind'], stoppedAt: string): Mark => ({ kind, dataset: 'volumes/db', stoppedAt });

const untouched: CutOverSeen = {
  owner: 'source',
  origin: undefined,
  live: [container('app'), container('db')],
  marks: [],
  started: [],
  forwards: new Map(),
  answersRecorded: false,
};
const frozen: CutOverSeen = {
  ...untouched,
  origin: [],
  answersRecorded: true,
  live: [container('app', stopped), container('db', stopped)],
};

describe('cut-over', () => {
  it.each<[string, CutOverSeen, string]>([
    [
      'from the start',
      untouched,
      'answers origin hold:app hold:db stop:app stop:db delta:volumes/db prove:volumes/db fence:target start:web forward:80',
    ],
    [
      'with one container stopped',
      { ...frozen, live: [container('app', stopped), container('db', { restartPolicy: 'no' })] },
      'stop:db delta:volumes/db prove:volumes/db fence:target start:web forward:80',
    ],
    ['frozen', frozen, 'delta:volumes/db prove:volumes/db fence:target start:web forward:80'],
    [
      'with the delta sent',
      { ...frozen, marks: [mark('final', stopped.finishedAt)] },
      'prove:volumes/db fence:target start:web forward:80',
    ],
    [
      'with the proof made',
      { ...frozen, marks: [mark('final', stopped.finishedAt), mark('proof', stopped.finishedAt)] },
      'fence:target start:web forward:80',
    ],
    [
      'with marks of an earlier freeze',
      { ...frozen, marks: [mark('final', 'earlier'), mark('proof', 'earlier')] },
      'delta:volumes/db prove:volumes/db fence:target start:web forward:80',
    ],
    ['handed over', { ...frozen, owner: 'target' }, 'start:web forward:80'],
    ['handed over, and the source running again', { ...untouched, owner: 'target' }, 'start:web forward:80'],
    ['started', { ...frozen, owner: 'target', started: ['web'] }, 'forward:80'],
    [
      'with some of the rules',
      { ...frozen, owner: 'target', started: ['web'], forwards: new Map([[80, 2]]) },
      'forward:80',
    ],
    ['done', { ...frozen, owner: 'target', started: ['web'], forwards: new Map([[80, rulesPerForward]]) }, ''],
  ])('%s plans what is left', (_, seen, ids) => {
    expect(
      wantedCutOver(seen, design, config)
        .map(({ id }) => id)
        .join(' '),
    ).toBe(ids);
  });

  it('forwards nothing where that is not wanted', () => {
    const wanted = wantedCutOver({ ...frozen, owner: 'target', started: ['web'] }, design, {
      ...config,
      forward: false,
    });
    expect(wanted).toEqual([]);
  });
});
