import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/config.ts';
import { type AnswerId, answerIds, answers } from '../../../src/wizard/answers.ts';
import { configOf } from '../../../src/wizard/settings-file.ts';

const rows: readonly [AnswerId, string, Settings][] = [
  ['source', 'root@droplet', { source: 'root@droplet' }],
  ['profile', 'work', { profile: 'work' }],
  ['region', 'eu-central-1', { region: 'eu-central-1' }],
  ['name', 'blog', { name: 'blog' }],
  ['leave', 'old,older', { leave: ['old', 'older'] }],
  ['leave', 'none', { leave: [] }],
  ['workloads', 'blog=web+db,proxy=proxy', { workloads: { blog: ['web', 'db'], proxy: ['proxy'] } }],
  [
    'ports',
    'web:8080=8081,web:9000=9001,db:3306=3307',
    { ports: { web: { 8080: 8081, 9000: 9001 }, db: { 3306: 3307 } } },
  ],
  ['forward', 'no', { forward: false }],
  ['checks', 'http://a.example/?b=c,http://d.example/', { checks: ['http://a.example/?b=c', 'http://d.example/'] }],
  ['type', 't3.small', { instance: { type: 't3.small' } }],
  ['disk', '20', { disk: { sizeGib: 20 } }],
  ['secrets', 'plain', { secrets: 'plain' }],
  ['snapshot', 'ebs', { snapshot: 'ebs' }],
  [
    'outside',
    'a=commit,b=ignore,c=/x+/y',
    { outsideVolumes: { a: 'commit', b: 'ignore', c: { volume: ['/x', '/y'] } } },
  ],
  ['accept', 'mail-server:a,b,left-apart:c+d', { accept: ['mail-server:a,b', 'left-apart:c+d'] }],
];

describe('an answer', () => {
  it.each(rows)('%s %s', (id, text, settings) => {
    expect(answers[id].write({}, text)).toEqual(settings);
    expect(answers[id].read(settings)).toBe(text);
    expect(configOf({ name: 'blog', source: 'droplet', ...settings })).toMatchObject(settings);
  });

  it('is there for each question', () => {
    expect([...new Set(rows.map(([id]) => id))]).toEqual(answerIds);
  });

  it.each<[AnswerId, Settings, Settings]>([
    ['type', { instance: { type: 'a', setup: 'b' } }, { instance: { setup: 'b' } }],
    ['type', { source: 'x', instance: { type: 'a' } }, { source: 'x' }],
    ['workloads', { workloads: { a: ['b'] } }, {}],
  ])('%s is taken back by auto', (id, before, after) => {
    expect(answers[id].write(before, 'auto')).toEqual(after);
  });

  it.each<[AnswerId, string]>([
    ['disk', 'big'],
    ['forward', 'perhaps'],
    ['ports', 'web=8080'],
    ['workloads', 'web'],
    ['outside', 'shop'],
  ])('%s does not take %s, and names its flag', (id, text) => {
    expect(() => answers[id].write({}, text)).toThrow(
      expect.objectContaining({ code: 'flags', message: expect.stringContaining(`--${answers[id].flag}`) }),
    );
  });
});
