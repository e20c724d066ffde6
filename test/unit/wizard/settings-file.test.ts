import { describe, expect, it } from 'vitest';
import { configSchema, parseConfig, type Settings } from '../../../src/config.ts';
import { settingsFile, settingsIn } from '../../../src/wizard/settings-file.ts';

/** Every key there is, each with another value than its default. */
const all: Settings = {
  name: 'blog',
  source: 'droplet',
  region: 'eu-central-1',
  profile: 'work: "home" # x',
  instance: { type: 't3.small', setup: 'echo a\n\necho "b"  \n', subnet: 'subnet-1' },
  disk: { sizeGib: 20 },
  snapshot: 'ebs',
  snapshotBy: { db: 'pause' },
  sampleSeconds: 7,
  secrets: 'plain',
  dataWay: 'tunnel',
  bwlimit: 4000,
  forward: false,
  leave: ['old', 'no', '1.5', 'a: b'],
  workloads: { blog: ['web', 'db'] },
  ports: { web: { 8080: 8081 } },
  outsideVolumes: { a: 'commit', c: { volume: ['/x', '/y z'] } },
  checks: [`http://blog.example.com/${'long/'.repeat(40)}`],
  healthTimeoutSeconds: 30,
  settleSeconds: 3,
  accept: ['left-with-data:a:/srv/x', 'cron-job:0 3 * * * root # x'],
};
const { source, ...others } = all;
const keys = Object.keys((configSchema() as { properties: object }).properties);

describe('the file that is written', () => {
  it('has every key', () => {
    expect(Object.keys(all).sort()).toEqual([...keys].sort());
  });

  it.each<[string, Settings]>([
    ['all of them', all],
    ['the source alone', { source: 'droplet' }],
    ...Object.entries(others).map(([key, value]): [string, Settings] => [key, { source, [key]: value } as Settings]),
  ])('%s: says the same to src/config.ts, and to the next run', (_, settings) => {
    const text = settingsFile(settings);
    expect(parseConfig(text)).toEqual(parseConfig(JSON.stringify(settings)));
    expect(settingsIn(text)).toEqual(settings);
    expect(settingsFile(settings, text)).toBe(text);
  });

  it('says of each key what it means, whether it is set or not', () => {
    const whole = settingsFile(all);
    for (const said of [settingsFile({ source: 'droplet' }), whole]) {
      expect(said).toMatch(/^# The droplet: a host alias.*\nsource: droplet$/m);
      expect(said.replace(/\s*\n#\s*/g, ' ')).toMatch(/One of: ssm, secrets-manager, plain\. Default: ssm\./);
      for (const key of keys.filter((each) => each !== 'instance' && each !== 'disk'))
        expect(said).toMatch(new RegExp(`^(# {3})?${key}:`, 'm'));
    }
    expect(whole).toMatch(/ {2}# EC2 instance type.*\n {2}type: t3\.small/);
    const comments = settingsFile({ source: 'droplet' })
      .split('\n')
      .filter((line) => line.startsWith('#'));
    expect(comments.filter((line) => line.length > 80)).toEqual([]);
  });
});

const byHand = `# Written by hand.
source: droplet # ours since 2016
checks: [ http://a.example/ ]

# Nobody needs it.
leave:
  - old
instance:
  type: t3.small # enough
  setup: |
    echo a
`;

describe('a file that was there before', () => {
  it('keeps what is not changed as it was written', () => {
    const text = settingsFile({ ...settingsIn(byHand), snapshot: 'none', leave: ['old', 'older'] }, byHand);
    expect(text.split('# Not set here')[0]).toBe(
      `${byHand.replace('  - old\n', '  - old\n  - older\n')}# Keep a restorable copy of each dataset first: on the source, or as an EBS\n# snapshot of the data disk. One of: local, ebs, none. Default: local.\nsnapshot: none\n\n`,
    );
  });

  it.each<[string, Settings, RegExp]>([
    [
      'a key beneath another',
      { source: 'droplet', instance: { type: 't3.large', setup: 'echo a\n' } },
      /type: t3\.large # enough\n {2}setup: \|\n {4}echo a\n/,
    ],
    ['a key that goes', { source: 'droplet' }, /^# Written by hand\.\nsource: droplet # ours since 2016\n\n# Not set/],
  ])('%s', (_, settings, said) => {
    const text = settingsFile(settings, byHand);
    expect(text).toMatch(said);
    expect(settingsIn(text)).toEqual(settings);
  });
});
