import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { type CutOverSeen, notForwarded, wantedCutOver } from '../../src/cut-over.ts';
import type { Design } from '../../src/design.ts';
import { rulesPerForward } from '../../src/forward.ts';
import type { Live } from '../../src/freeze.ts';
import type { Mark } from '../../src/marks.ts';

const design = {
  workloads: [{ name: 'web', containers: ['db', 'app'], taskDefinition: { family: 'web' }, secrets: [], ports: [80] }],
  idle: [],
  watchers: [],
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
  guard: 'none',
  origin: undefined,
  live: [container('app'), container('db')],
  marks: [],
  started: [],
  forwards: new Map(),
  reach: undefined,
  opened: [],
  kept: [],
  answersRecorded: false,
};
const frozen: CutOverSeen = {
  ...untouched,
  origin: { containers: [], silentPorts: [] },
  answersRecorded: true,
  live: [container('app', stopped), container('db', stopped)],
};

const handedOver: CutOverSeen = { ...frozen, owner: 'target', guard: 'disarmed' };

const after = 'guard:disarm start:web open:80 forward:80 keep:volumes/db';
const last = `delta:volumes/db prove:volumes/db ebs-snapshot fence:target ${after}`;

describe('cut-over', () => {
  it('stops what would start the others before all others, and holds it', () => {
    const live = [container('heal'), ...untouched.live];
    const changes = wantedCutOver({ ...untouched, live }, { ...design, watchers: ['heal'] }, config);
    const stops = changes.filter(({ kind }) => kind === 'hold' || kind === 'stop');
    expect(stops.map(({ id, together }) => `${id} ${together}`)).toEqual([
      'hold:heal hold',
      'hold:app hold',
      'hold:db hold',
      'stop:heal stop 0',
      'stop:app stop 1',
      'stop:db stop 1',
    ]);
  });

  it('holds what does not run, and stops nothing there', () => {
    const idle = [{ name: 'job', containers: ['job'] }] as unknown as Design['idle'];
    const live = [container('job', { running: false }), ...untouched.live];
    const changes = wantedCutOver({ ...untouched, live }, { ...design, idle }, config);
    expect(changes.map(({ id }) => id).join(' ')).toBe(
      `answers origin catch-up:volumes/db guard:arm hold:job hold:app hold:db stop:app stop:db ${last}`,
    );
  });

  it.each<[string, CutOverSeen, string]>([
    [
      'from the start',
      untouched,
      `answers origin catch-up:volumes/db guard:arm hold:app hold:db stop:app stop:db ${last}`,
    ],
    [
      'with one container stopped',
      { ...frozen, live: [container('app', stopped), container('db', { restartPolicy: 'no' })] },
      `catch-up:volumes/db guard:arm stop:db ${last}`,
    ],
    ['frozen', frozen, `guard:arm ${last}`],
    [
      'with the delta sent',
      { ...frozen, marks: [mark('final', stopped.finishedAt)] },
      `guard:arm prove:volumes/db ebs-snapshot fence:target ${after}`,
    ],
    [
      'with the proof made',
      { ...frozen, marks: [mark('final', stopped.finishedAt), mark('proof', stopped.finishedAt)] },
      `guard:arm ebs-snapshot fence:target ${after}`,
    ],
    [
      'with marks of an earlier freeze',
      { ...frozen, marks: [mark('final', 'earlier'), mark('proof', 'earlier')] },
      `guard:arm ${last}`,
    ],
    ['handed over, and the guard not told yet', { ...frozen, owner: 'target', guard: 'armed' }, after],
    [
      'handed over, and the guard quicker',
      { ...untouched, owner: 'target', guard: 'fired' },
      `fence:source answers origin catch-up:volumes/db guard:arm hold:app hold:db stop:app stop:db ${last}`,
    ],
    ['handed over', handedOver, 'start:web open:80 forward:80 keep:volumes/db'],
    [
      'handed over, and the source running again',
      { ...handedOver, live: untouched.live },
      'start:web open:80 forward:80 keep:volumes/db',
    ],
    ['started', { ...handedOver, started: ['web'] }, 'open:80 forward:80 keep:volumes/db'],
    ['opened', { ...handedOver, started: ['web'], opened: [80] }, 'forward:80 keep:volumes/db'],
    [
      'with some of the rules',
      { ...handedOver, started: ['web'], opened: [80, 443], forwards: new Map([[80, 2]]) },
      'forward:80 keep:volumes/db',
    ],
    [
      'done',
      {
        ...handedOver,
        started: ['web'],
        opened: [80],
        forwards: new Map([[80, rulesPerForward]]),
        kept: ['volumes/db'],
      },
      '',
    ],
  ])('%s plans what is left', (_, seen, ids) => {
    expect(
      wantedCutOver(seen, design, config)
        .map(({ id }) => id)
        .join(' '),
    ).toBe(ids);
  });

  it('forwards nothing where that is not wanted', () => {
    const wanted = wantedCutOver({ ...handedOver, started: ['web'], opened: [80], kept: ['volumes/db'] }, design, {
      ...config,
      forward: false,
    });
    expect(wanted).toEqual([]);
  });

  const missed = { reached: false, address: '203.0.113.9', said: 'timed out' };
  const noForward = { ...config, forward: false };
  const allForwarded = { ...handedOver, forwards: new Map([[80, rulesPerForward]]) };
  it.each<[string, CutOverSeen, typeof config, boolean, boolean]>([
    ['not known yet', untouched, config, true, false],
    ['reached', { ...untouched, reach: { ...missed, reached: true } }, config, true, false],
    ['not reached', { ...untouched, reach: missed }, config, false, true],
    ['not reached, and forwards not wanted', { ...untouched, reach: missed }, noForward, false, false],
    ['not reached, and the forwards stand already', { ...allForwarded, reach: missed }, config, false, false],
  ])('with a target that is %s', (_, seen, settings, forwards, warns) => {
    expect(wantedCutOver(seen, design, settings).some(({ kind }) => kind === 'forward')).toBe(forwards);
    expect(notForwarded(seen, design, settings).map(({ level, code }) => `${level} ${code}`)).toEqual(
      warns ? ['warning not-forwarded'] : [],
    );
  });
});
