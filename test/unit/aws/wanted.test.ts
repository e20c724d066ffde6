import { describe, expect, test } from 'vitest';
import { mustAttach } from '../../../src/aws/attach-rules.ts';
import type { Volume } from '../../../src/aws/aws.ts';
import { clientToken } from '../../../src/aws/client-token.ts';
import { neededDiskGib, wantedDiskGib, wantedRootGib } from '../../../src/aws/disk-size.ts';
import { hasKey } from '../../../src/aws/made.ts';
import { wantedChanges } from '../../../src/aws/provision-changes.ts';
import { type Observed, provisionFindings } from '../../../src/aws/provision-findings.ts';
import { secretPolicy } from '../../../src/aws/secret-policy.ts';
import { cidrOf } from '../../../src/aws/wanted-network.ts';
import { generateKeyPair } from '../../../src/ssh/keys.ts';
import { design, foundType, identity, instance, parsed, sourceFacts } from './wishes.ts';

const gib = 1024 ** 3;
const wishes = {
  config: parsed('source: blog'),
  identity,
  design,
  sourceFacts,
  subnet: { id: 'subnet-1', vpcId: 'vpc-1', zone: 'eu-central-1a', freeAddresses: 9, hasIpv4: true },
  zone: 'eu-central-1a',
  ami: 'ami-1',
  type: 't3.small',
};

test('change ids are names, in the order in which one thing needs another', () => {
  expect(wantedChanges(wishes).map(({ id }) => id)).toEqual([
    'cluster:ecsodus-blog',
    'role:ecsodus-blog-instance',
    'role:ecsodus-blog-execution',
    'policy:ecsodus-blog-instance:AmazonEC2ContainerServiceforEC2Role',
    'policy:ecsodus-blog-execution:AmazonECSTaskExecutionRolePolicy',
    'policy:ecsodus-blog-execution:ecsodus-secrets',
    'profile:ecsodus-blog-instance',
    'profile-role:ecsodus-blog-instance:ecsodus-blog-instance',
    'group:ecsodus-blog',
    'rule:ecsodus-blog:22:198.51.100.7/32',
    'rule:ecsodus-blog:22:203.0.113.9/32',
    'rule:ecsodus-blog:80:203.0.113.9/32',
    'rule:ecsodus-blog:443:203.0.113.9/32',
    'key:ecsodus-blog',
    'key-copy:/ecsodus-operator/blog/target-key',
    'instance:ecsodus-blog',
    'volume:ecsodus-blog-data',
    'host-key:ecsodus-blog',
  ]);
});

test('an instance has swap for those who may use it, and says what its first boot does', () => {
  const container = { name: 'web', memory: 64, linuxParameters: { maxSwap: 40_000 } };
  const taskDefinition = { family: 'web', containerDefinitions: [container, container] };
  const workloads = design.workloads.map((workload) => ({ ...workload, taskDefinition }));
  const config = parsed('source: blog\ninstance: {setup: "touch /x"}');
  const changes = wantedChanges({ ...wishes, config, design: { ...design, workloads } });
  expect(changes.find(({ kind }) => kind === 'instance')).toMatchObject({
    swapMib: 80_000,
    rootSizeGib: 89,
    reason: 'runs the containers; its first boot makes 80000 MiB of swap; its first boot runs "instance.setup"',
  });
  expect(JSON.stringify(changes)).not.toContain('touch');
});

test('changes survive the journal', () => {
  expect(JSON.parse(JSON.stringify(wantedChanges(wishes)))).toEqual(wantedChanges(wishes));
});

test('without secrets the execution role reads nothing', () => {
  const workloads = design.workloads.map((workload) => ({ ...workload, secrets: [] }));
  expect(wantedChanges({ ...wishes, design: { ...design, workloads } }).map(({ kind }) => kind)).not.toContain(
    'inline-policy',
  );
});

test('China has principals of its own', () => {
  const roles = wantedChanges({ ...wishes, identity: { ...identity, partition: 'aws-cn' } }).flatMap((change) =>
    change.kind === 'role' ? change.service : [],
  );
  expect(roles).toEqual(['ec2.amazonaws.com.cn', 'ecs-tasks.amazonaws.com.cn']);
});

test('one address for operator and source is one rule, and SSH is never open to all', () => {
  const same = { address: '198.51.100.7', operatorAddress: '::ffff:198.51.100.7' };
  const workloads = design.workloads.map((workload) => ({ ...workload, ports: [22, 80, 80] }));
  const rules = wantedChanges({ ...wishes, sourceFacts: same, design: { ...design, workloads } }).filter(
    ({ kind }) => kind === 'rule',
  );
  expect(rules.map(({ id }) => id)).toEqual([
    'rule:ecsodus-blog:22:198.51.100.7/32',
    'rule:ecsodus-blog:80:198.51.100.7/32',
  ]);
});

test.each([
  ['198.51.100.7', '198.51.100.7/32'],
  ['::ffff:198.51.100.7', '198.51.100.7/32'],
  ['2001:db8::7', '2001:db8::7/128'],
  ['fe80::1%eth0', 'fe80::1/128'],
])('%s is %s', (address, cidr) => expect(cidrOf(address)).toBe(cidr));

test('what is no address lets nobody in', () => {
  expect(() => cidrOf('droplet')).toThrow('not an IP address');
});

describe('the policy on secrets', () => {
  const parameter = (variable: string) =>
    ({ container: 'web', variable, store: 'ssm', name: `/ecsodus/blog/web/${variable}` }) as const;
  const secret = (variable: string) =>
    ({ container: 'web', variable, store: 'secrets-manager', name: `ecsodus/blog/web/${variable}` }) as const;

  test('names exactly the parameters', () => {
    const document = secretPolicy([parameter('B'), parameter('A'), parameter('A')], identity, 'blog')?.document;
    expect(JSON.parse(document ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'ssm:GetParameters',
          Resource: ['A', 'B'].map(
            (name) => `arn:aws:ssm:eu-central-1:123456789012:parameter/ecsodus/blog/web/${name}`,
          ),
        },
      ],
    });
  });

  test('names exactly the secrets, with room for the six characters AWS adds, and no more', () => {
    const document = secretPolicy([secret('B'), secret('A'), secret('A')], identity, 'blog')?.document;
    expect(JSON.parse(document ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'secretsmanager:GetSecretValue',
          Resource: ['A', 'B'].map(
            (name) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecsodus/blog/web/${name}-??????`,
          ),
        },
      ],
    });
  });

  test('differs where the store differs, so that a change of store is a change of policy', () => {
    expect(secretPolicy([secret('A')], identity, 'blog')).not.toEqual(secretPolicy([parameter('A')], identity, 'blog'));
  });

  test.each([
    [parameter, ':parameter/ecsodus/blog/*"'],
    [secret, ':secret:ecsodus/blog/*"'],
  ])('stays within what IAM takes', (make, resource) => {
    const many = Array.from({ length: 500 }, (_, index) => make(`VARIABLE_${index}`));
    const { document = '', isExact } = secretPolicy(many, identity, 'blog') ?? {};
    expect(isExact).toBe(false);
    expect(document.length).toBeLessThan(10_240);
    expect(document).toContain(resource);
  });
});

test.each([
  [0, 0, 8, 1],
  [3 * gib, 0, 8, 5],
  [10 * gib, 0, 20, 13],
  [10 * gib + 1, 0, 21, 13],
  [1 * gib, 1_000_000, 23, 20],
])('%i bytes in %i files: a disk of %i GiB, at least %i', (bytes, files, wanted, needed) => {
  expect(wantedDiskGib([{ bytes, files }])).toBe(wanted);
  expect(neededDiskGib([{ bytes, files }])).toBe(needed);
});

test('the default disk always holds the data', () => {
  for (let size = 0; size < 200; size++) {
    const datasets = [{ bytes: size * gib, files: size * 50_000 }];
    expect(wantedDiskGib(datasets)).toBeGreaterThanOrEqual(neededDiskGib(datasets));
  }
});

test.each([
  [1, undefined],
  [10, undefined],
  [11, 32],
  [40, 90],
  [9, undefined, 2048],
  [10, 32, 2048],
  [10, 31, 1],
])('%i GiB of images: root volume %s, with %s MiB of swap', (size, wanted, swapMib?: number) => {
  expect(wantedRootGib([{ bytes: size * gib }], swapMib)).toBe(wanted);
});

describe('findings', () => {
  const volume: Volume = {
    id: 'vol-1',
    zone: 'eu-central-1a',
    sizeGib: 8,
    state: 'in-use',
    attachedTo: 'i-1',
    tags: {},
  };
  const quiet: Observed = {
    ...wishes,
    type: foundType('t3.small'),
    instance,
    registered: undefined,
    volume,
    launch: undefined,
    keyLost: false,
    stateDirectory: '.ecsodus/blog',
  };
  const data = (bytes: number) => ({ ...design, datasets: [{ bytes, files: 1 } as never] });
  test('a quiet migration has a note on its memory, and no more', () => {
    expect(provisionFindings(quiet)).toEqual([
      expect.objectContaining({ level: 'info', code: 'instance-type', subject: 't3.small' }),
    ]);
  });

  test.each<[string, Partial<Observed>, string, string]>([
    [
      'a disk that is there and too small',
      { design: data(10 * gib) },
      'disk-too-small',
      'modify-volume --volume-id vol-1 --size 13',
    ],
    [
      'a disk that is asked for too small',
      { design: data(10 * gib), volume: undefined, config: parsed('source: blog\ndisk: {sizeGib: 9}') },
      'disk-too-small',
      'disk.sizeGib: 13',
    ],
    ['a disk in another zone', { zone: 'eu-central-1b' }, 'zone-mismatch', 'a subnet in eu-central-1a'],
    [
      'a stopped instance',
      { instance: { ...instance, state: 'stopped' } },
      'instance-stopped',
      'start-instances --instance-ids i-1',
    ],
    ['a lost key', { keyLost: true }, 'target-key-lost', 'Copy .ecsodus/blog'],
  ])('%s', (_, change, code, remedy) => {
    const blockers = provisionFindings({ ...quiet, ...change }).filter(({ level }) => level === 'blocker');
    expect(blockers).toEqual([expect.objectContaining({ code, remedy: expect.stringContaining(remedy) })]);
  });

  test.each<[string, Partial<Observed>, boolean]>([
    ['there is none yet', { instance: undefined }, true],
    ['AWS lends it one', { instance: { ...instance, addressIsLent: true } }, true],
    ['it has an Elastic IP', {}, false],
  ])('the address of an instance, where %s', (_, change, said) => {
    const found = provisionFindings({ ...quiet, ...change }).find(({ code }) => code === 'address-lent');
    expect(found?.remedy?.includes('aws ec2 associate-address')).toBe(said || undefined);
  });

  test('an operator on IPv6 is warned, on a mapped IPv4 address not', () => {
    const codes = (operatorAddress: string) =>
      provisionFindings({ ...quiet, sourceFacts: { ...sourceFacts, operatorAddress } }).map(({ code }) => code);
    expect(codes('2001:db8::7')).toContain('operator-ipv6');
    expect(codes('::ffff:198.51.100.7')).not.toContain('operator-ipv6');
  });
});

describe('attaching, which moto allows always', () => {
  const volume: Volume = { id: 'vol-1', zone: 'a', sizeGib: 8, state: 'available', attachedTo: undefined, tags: {} };

  test.each<[string, Volume | undefined, string | undefined, boolean | string]>([
    ['a free one in the zone', volume, 'a', true],
    ['one that is there', { ...volume, attachedTo: 'i-1' }, 'a', false],
    ['one at another instance', { ...volume, attachedTo: 'i-2' }, 'a', 'volume-attached'],
    ['one in another zone', volume, 'b', 'zone-mismatch'],
    ['one that is gone', undefined, 'a', 'volume-missing'],
    ['to an instance that is gone', volume, undefined, 'instance-missing'],
  ])('%s', (_, found, zone, expected) => {
    const attempt = () => mustAttach(found, 'vol-1', { id: 'i-1', zone });
    if (typeof expected === 'boolean') expect(attempt()).toBe(expected);
    else expect(attempt).toThrow(expect.objectContaining({ code: expected }));
  });
});

test('a key pair is ours only where its private half is here', () => {
  const [ours, other] = [generateKeyPair('a'), generateKeyPair('b')];
  const pair = (publicKey: string | undefined) => ({ fingerprint: 'f', publicKey });
  expect(
    hasKey(pair(`${ours.publicKey.split(' ').slice(0, 2).join(' ')} ecsodus-blog`), ours.privateKey.reveal()),
  ).toBe(true);
  expect(hasKey(pair(undefined), ours.privateKey.reveal())).toBe(true);
  expect(hasKey(pair(other.publicKey), ours.privateKey.reveal())).toBe(false);
  expect(hasKey(pair(ours.publicKey), undefined)).toBe(false);
  expect(hasKey(undefined, ours.privateKey.reveal())).toBe(false);
});

test('a client token is made from names alone, and short enough for ECS with its series number', () => {
  expect(clientToken('blog', 'instance:x')).toBe(clientToken('blog', 'instance:x'));
  expect(clientToken('blog', 'instance:x')).not.toBe(clientToken('shop', 'instance:x'));
  expect(`${clientToken('blog', 'instance:x')}-5`.length).toBeLessThanOrEqual(36);
});
