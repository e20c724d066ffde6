import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../src/aws/profiles.ts';
import type { Settings } from '../../../src/config.ts';
import { blockerQuestions, outsideQuestions } from '../../../src/wizard/obstacle-questions.ts';
import type { Question } from '../../../src/wizard/question.ts';
import { type Machine, reachQuestions } from '../../../src/wizard/reach-questions.ts';
import { shapeQuestions } from '../../../src/wizard/shape-questions.ts';
import { container } from '../ecs/builders.ts';
import { sightWith, three } from './scene.ts';

const named = (questions: readonly Question[], id: string): Question => {
  const found = questions.find((each) => each.id === id);
  if (found === undefined) throw new Error(`${id} is not asked: ${questions.map((each) => each.id).join(' ')}`);
  return found;
};
const values = ({ choices }: Question) => choices.map(({ value }) => value);

describe('where to, and as whom', () => {
  const profiles: readonly Profile[] = [
    { name: 'default', region: 'eu-west-1' },
    { name: 'work', region: 'eu-central-1' },
    { name: 'bare', region: undefined },
  ];
  const asked = (settings: Settings, machine: Partial<Machine> = {}) =>
    reachQuestions(settings, { hosts: ['droplet', 'other'], profiles, environment: {}, ...machine });

  it('the hosts of ssh_config, and another one that was the answer before', () => {
    expect(values(named(asked({}), 'source'))).toEqual(['droplet', 'other']);
    const again = named(asked({ source: 'root@203.0.113.7' }), 'source');
    expect([values(again), again.said]).toEqual([['droplet', 'other', 'root@203.0.113.7'], 'root@203.0.113.7']);
  });

  it.each<[NodeJS.ProcessEnv, readonly Profile[], string]>([
    [{}, profiles, 'default'],
    [{ AWS_PROFILE: 'work' }, profiles, 'work'],
    [{}, profiles.slice(1), 'work'],
    [{ AWS_ACCESS_KEY_ID: 'x' }, profiles.slice(1), 'auto'],
  ])('with %j the profile of %j that is proposed is %s', (environment, some, proposed) => {
    expect(named(asked({}, { environment, profiles: some }), 'profile').proposed).toBe(proposed);
  });

  it('asks for no profile where there is none', () => {
    expect(asked({}, { profiles: [] }).map(({ id }) => id)).toEqual(['source', 'region', 'name']);
  });

  it.each<[Settings, NodeJS.ProcessEnv, readonly string[]]>([
    [{ profile: 'work' }, { AWS_REGION: 'us-east-1' }, ['eu-central-1', 'us-east-1', 'eu-west-1']],
    [{}, { AWS_REGION: 'us-east-1' }, ['us-east-1', 'eu-west-1', 'eu-central-1']],
    [{}, {}, ['eu-west-1', 'eu-central-1']],
    [{ profile: 'bare' }, {}, ['eu-west-1', 'eu-central-1']],
    [{ region: 'ap-south-1' }, {}, ['eu-west-1', 'eu-central-1', 'ap-south-1']],
  ])('with %j and %j the regions are %j', (settings, environment, regions) => {
    expect(values(named(asked(settings, { environment }), 'region'))).toEqual(regions);
  });

  it.each([
    ['droplet', 'droplet'],
    ['root@Blog', 'blog'],
    ['root@203.0.113.7', undefined],
  ])('%s is called %s', (source, proposed) => {
    expect(named(asked({ source }), 'name').proposed).toBe(proposed);
  });
});

describe('what it becomes', () => {
  const asked = (settings: Settings = {}, scene?: Parameters<typeof sightWith>[1]) =>
    shapeQuestions(settings, sightWith(settings, scene));

  it.each<[string, string, RegExp]>([
    ['workloads', 'auto', /shop: db, web \(web calls db \(DB_HOST\)\) wiki: wiki/],
    ['forward', 'yes', /Port 80 will be open to the world/],
    ['type', 't3.small', /reserve \d+ MiB.* t3\.small is the smallest that holds that\. The droplet has 2 processors/],
    ['disk', '12', /The data is 6\.0 GB: proposed is twice that/],
    ['secrets', 'ssm', /1 value looks secret: db MARIADB_PASSWORD\./],
    ['snapshot', 'local', /needs 6\.0 GB; 10\.0 GB are free.*enough/],
  ])('%s: %s is proposed, with the reason', (id, proposed, reason) => {
    const question = named(asked(), id);
    expect(question.proposed).toBe(proposed);
    expect(question.reasons.join(' ').replace(/\s+/g, ' ')).toMatch(reason);
  });

  it('a copy on the droplet is not proposed where it has no room', () => {
    const question = named(asked({}, { facts: { freeBytes: 6_000_000_000 } }), 'snapshot');
    expect([question.proposed, question.reasons.join(' ')]).toEqual(['ebs', expect.stringContaining('not enough')]);
  });

  it('a database that is left behind has no part in size and secrets', () => {
    const questions = asked({ leave: ['db'] });
    expect(named(questions, 'disk').proposed).toBe('8');
    expect(named(questions, 'secrets').reasons).toEqual(['Proposed is what costs nothing.']);
  });

  it('the earlier answers are where it starts, and are among the choices', () => {
    const questions = asked({ instance: { type: 'm5.24xlarge' }, secrets: 'plain', disk: { sizeGib: 99 } });
    expect(named(questions, 'type').choices).toContainEqual({ value: 'm5.24xlarge', name: 'm5.24xlarge' });
    expect(['type', 'secrets', 'disk'].map((id) => named(questions, id).said)).toEqual(['m5.24xlarge', 'plain', '99']);
  });

  it('a table of what runs, which fits in 80 columns beside its checkboxes', () => {
    const long = container({
      name: 'a-container-with-a-very-long-name',
      mounts: three[0]?.inspect.Mounts as never,
      host: {
        PortBindings: Object.fromEntries([80, 443, 8080].map((port) => [`${port}/tcp`, [{ HostPort: `${port}` }]])),
      },
      config: { Image: 'registry.example.com/team/an-image-with-a-very-long-name:1.2.3' },
    });
    const question = named(asked({}, { containers: [...three, long] }), 'leave');
    expect(question.columns).toBe('CONTAINER        IMAGE               MEMORY   VOLUMES         PORTS');
    expect(question.choices.map(({ name }) => name)).toEqual([
      'db               app:2               52.4 MB  6.0 GB db-data',
      'web              app:2               52.4 MB                  80',
      'wiki             app:2               52.4 MB',
      'a-container-wi…  an-image-with-a-v…  52.4 MB  6.0 GB db-data  80 443…',
    ]);
    expect(question.choices[3]?.description).toContain(
      'very-long-name:1.2.3; db-data\nat /d, 6.0 GB; ports 80 → 80/tcp, 443',
    );
  });

  it('reasons fit in 80 columns', () => {
    const lines = asked().flatMap(({ reasons, message }) => [...reasons, `? ${message}`]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('what stands in the way', () => {
  const noRoom = {
    level: 'blocker',
    code: 'no-room-for-snapshots',
    subject: 'droplet',
    message: 'No room.',
    remedy: 'Make some.',
  } as const;
  const asked = (settings: Settings, finding: object = {}) => {
    const sight = sightWith(settings, { findings: [{ ...noRoom, ...finding }] });
    return [...outsideQuestions(settings, sight), ...blockerQuestions(settings, sight)];
  };

  it('is asked, and nothing is proposed', () => {
    const questions = asked({});
    expect(questions.map(({ id, said, proposed }) => [id, said, proposed])).toEqual([
      ['outside:wiki', undefined, undefined],
      ['accept:no-room-for-snapshots:droplet', undefined, undefined],
    ]);
    expect(values(named(questions, 'outside:wiki'))).toEqual(['/opt/wiki', 'commit', 'ignore']);
    expect(named(questions, 'outside:wiki').reasons.join()).toContain('/opt/wiki  5.0 MB');
  });

  it.each<[object, string]>([
    [{}, 'change snapshot'],
    [{ code: 'kept-elsewhere', subject: 'web' }, 'change leave'],
    [{ code: 'rsync-missing' }, 'look again'],
  ])('%j can be settled by: %s', (finding, first) => {
    expect(values(asked({}, finding)[1] as Question)[0]).toBe(first);
  });

  it.each<[string, string, Settings, Settings]>([
    [
      'outside:wiki',
      'commit',
      { outsideVolumes: { b: 'ignore' } },
      { outsideVolumes: { b: 'ignore', wiki: 'commit' } },
    ],
    ['outside:wiki', '/a+/b', {}, { outsideVolumes: { wiki: { volume: ['/a', '/b'] } } }],
    ['accept:no-room-for-snapshots:droplet', 'accept', {}, { accept: ['no-room-for-snapshots:droplet'] }],
    ['accept:no-room-for-snapshots:droplet', 'open', { accept: ['x:y'] }, { accept: ['x:y'] }],
  ])('%s answered with %s makes of %j %j', (id, text, before, after) => {
    expect(named(asked({}), id).answer(before, text)).toEqual(after);
  });

  it('what was answered before can be answered otherwise', () => {
    const settings: Settings = { accept: ['no-room-for-snapshots:droplet'], outsideVolumes: { wiki: 'ignore' } };
    expect(asked(settings).map(({ said }) => said)).toEqual(['ignore', 'accept']);
  });
});
