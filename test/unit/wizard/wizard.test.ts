import { describe, expect, it } from 'vitest';
import { type Config, nameFor, type Settings } from '../../../src/config.ts';
import { MigrationError } from '../../../src/errors.ts';
import type { Finding } from '../../../src/finding.ts';
import type { Asker } from '../../../src/wizard/ask-question.ts';
import { answerAll, askAll, type Eyes } from '../../../src/wizard/wizard.ts';
import { sightOf, three } from './scene.ts';

const machine = { hosts: ['droplet', 'other', 'deaf'], profiles: [], environment: { AWS_REGION: 'us-east-1' } };

/** A source of which all is seen at once: `deaf` does not answer, and `finding` stands until somebody looks again. */
function eyes(finding?: Finding) {
  const looked: Config[] = [];
  let left = finding;
  const look = async (config: Config) => {
    looked.push(config);
    const findings = left && (left.code !== 'no-room-for-snapshots' || config.snapshot === 'local') ? [left] : [];
    return sightOf(config, { containers: three.slice(0, 2), findings });
  };
  const watching: Eyes = {
    look,
    seen: look,
    forget: () => {
      left = undefined;
    },
    check: async (id, { source }) => {
      if (id === 'source' && source === 'deaf') throw new MigrationError('ssh-unreachable', 'deaf does not answer');
      return undefined;
    },
  };
  return { eyes: watching, looked };
}

const back = Symbol('Escape');
const enter = Symbol('what is proposed');

/** Gives these answers in order, each to a question whose message has the word; and says what it was asked. */
function script(...answers: readonly (readonly [string, string | readonly string[] | typeof back | typeof enter])[]) {
  const left = [...answers];
  const said: string[] = [];
  const next = <T>(message: string, usual: T): T | undefined => {
    const [word, answer] = left.shift() ?? [];
    if (word === undefined || !message.includes(word)) throw new Error(`asked "${message}", not "${word}"`);
    if (answer === back) return undefined;
    return answer === enter ? usual : (answer as T);
  };
  const asker: Asker = {
    one: async (message, choices, at) => {
      const answer = next(message, at);
      const known = choices.some(({ value }) => value === answer);
      if (answer !== undefined && !known)
        throw new Error(`no choice ${answer} of ${choices.map(({ value }) => value)}`);
      return answer;
    },
    many: async (message, _, rows) =>
      next(
        message,
        rows.filter(({ checked }) => checked).map(({ value }) => value),
      ),
    text: async (message, at, refuse) => {
      const answer = next(message, at);
      const wrong = answer === undefined ? undefined : refuse(answer);
      if (wrong !== undefined) throw new Error(wrong);
      return answer;
    },
    say: () => {},
    sayError: ({ message }) => said.push(message),
  };
  return { asker, said, left };
}

const rest = (...words: readonly string[]) => words.map((word) => [word, enter] as const);
const first = rest('droplet', 'region', 'called');
const shape = rest('to move', 'one task', 'visitors', 'Pages', 'instance type', 'data disk', 'secret', 'copy');
const right = ['right', 'write'] as const;

const usual: Settings = {
  source: 'droplet',
  region: 'us-east-1',
  name: 'droplet',
  leave: [],
  forward: true,
  checks: [],
  instance: { type: 't3.small' },
  disk: { sizeGib: 12 },
  secrets: 'ssm',
  snapshot: 'local',
};
const noRoom: Finding = { level: 'blocker', code: 'no-room-for-snapshots', subject: 'droplet', message: 'No room.' };
const rsync: Finding = { level: 'blocker', code: 'rsync-missing', subject: 'droplet', message: 'No rsync.' };

type Row = [string, Settings, ReturnType<typeof script>, Settings, Finding?];

const begun = [['droplet', 'droplet'], ...first.slice(1)] as const;

describe('asking', () => {
  it.each<Row>([
    ['takes what is proposed', {}, script(...begun, ...shape, right), usual],
    [
      'starts from the earlier answers',
      { ...usual, secrets: 'plain', bwlimit: 9 },
      script(...first, ...shape, right),
      { ...usual, secrets: 'plain', bwlimit: 9 },
    ],
    [
      'goes back and takes another answer',
      {},
      script(
        ...begun,
        ['to move', back],
        ['called', 'blog'],
        ['to move', ['web']],
        ['one task', back],
        ['to move', ['db', 'web']],
        ...shape.slice(1),
        right,
      ),
      { ...usual, name: 'blog' },
    ],
    ['stays at the first question', {}, script(['droplet', back], ...begun, ...shape, right), usual],
    [
      'changes one answer at the summary, and goes on from there',
      {},
      script(
        ...begun,
        ...shape,
        ['right', 'secrets'],
        ['secret', 'plain'],
        ['right', 'disk'],
        ['data disk', back],
        right,
      ),
      { ...usual, secrets: 'plain' },
    ],
    [
      'goes back from the summary',
      {},
      script(...begun, ...shape, ['right', back], ['copy', 'none'], right),
      { ...usual, snapshot: 'none' },
    ],
    ['asks again where an answer leads nowhere', {}, script(['droplet', 'deaf'], ...begun, ...shape, right), usual],
    [
      'what was said of one droplet is forgotten for another',
      { ...usual, leave: ['old'], outsideVolumes: { db: 'ignore' }, bwlimit: 9 },
      script(['droplet', 'other'], ...first.slice(1), ...shape, right),
      { ...usual, source: 'other', name: 'other', bwlimit: 9 },
    ],
    [
      'another droplet, chosen at the summary, is asked about from the start',
      {},
      script(...begun, ...shape, ['right', 'source'], ['droplet', 'other'], ...first.slice(1), ...shape, right),
      { ...usual, source: 'other', name: 'other' },
    ],
    [
      'a blocker can be accepted',
      {},
      script(...begun, ...shape, ['no-room', 'accept'], right),
      { ...usual, accept: ['no-room-for-snapshots:droplet'] },
      noRoom,
    ],
    ['or left open', {}, script(...begun, ...shape, ['no-room', 'open'], right), usual, noRoom],
    [
      'or settled by another answer, which is asked for at once',
      {},
      script(...begun, ...shape, ['no-room', 'change snapshot'], ['copy', 'ebs'], right),
      { ...usual, snapshot: 'ebs' },
      noRoom,
    ],
    ['or seen to meanwhile', {}, script(...begun, ...shape, ['rsync', 'look again'], right), usual, rsync],
  ])('%s', async (_, start, { asker, left }, wanted, finding) => {
    const world = { machine, given: new Set<string>(), eyes: eyes(finding).eyes };
    expect(await askAll(start, world, asker)).toEqual(wanted);
    expect(left).toEqual([]);
  });

  it('says why an answer leads nowhere', async () => {
    const { asker, said } = script(['droplet', 'deaf'], ...begun, ...shape, right);
    await askAll({}, { machine, given: new Set(), eyes: eyes().eyes }, asker);
    expect(said).toEqual(['deaf does not answer']);
  });

  it('asks for nothing that a flag has answered', async () => {
    const { asker, left } = script(...rest('called', 'to move', 'visitors', 'Pages', 'instance type', 'copy'), right);
    const given = new Set(['source', 'region', 'workloads', 'disk', 'secrets', 'accept']);
    const start: Settings = {
      source: 'droplet',
      region: 'us-east-1',
      disk: { sizeGib: 30 },
      secrets: 'plain',
      accept: ['rsync-missing:droplet'],
    };
    const settings = await askAll(start, { machine, given, eyes: eyes(rsync).eyes }, asker);
    expect(settings).toEqual({ ...usual, ...start });
    expect(left).toEqual([]);
  });
});

describe('without asking', () => {
  const answered = (start: Settings, given: readonly string[] = [], finding?: Finding) =>
    answerAll(start, { machine, given: new Set(given), eyes: eyes(finding).eyes });

  it.each<[string, Settings, readonly string[], Settings]>([
    ['what is proposed is taken', { source: 'droplet' }, ['source'], usual],
    [
      'unless a flag or an earlier answer says it',
      { source: 'droplet', secrets: 'plain' },
      ['source'],
      { ...usual, secrets: 'plain' },
    ],
    ['or takes it back', { source: 'droplet' }, ['source', 'leave'], { ...usual, leave: undefined }],
  ])('%s', async (_, start, given, wanted) => {
    expect(await answered(start, given)).toEqual(wanted);
  });

  it.each<[string, Settings, Finding | undefined, RegExp]>([
    ['the source', {}, undefined, /--source <host>/],
    ['the name, where the host is none', { source: 'root@203.0.113.7' }, undefined, /--name <name>/],
    ['a blocker', { source: 'droplet' }, rsync, /--accept 'rsync-missing:droplet'/],
  ])('nothing is guessed: %s', async (_, start, finding, hint) => {
    await expect(answered(start, [], finding)).rejects.toThrow(
      expect.objectContaining({ code: 'unanswered', hint: expect.stringMatching(hint) }),
    );
  });
});

it('the name that is proposed is the one the file would have without', () => {
  expect(nameFor('droplet')).toBe(usual.name);
});
