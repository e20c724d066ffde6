import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/inventory.ts';
import { compareContainers } from '../../src/running.ts';
import { Secret } from '../../src/secret.ts';

const before = {
  name: 'blog',
  imageId: 'sha256:1',
  env: [
    { name: 'DB_HOST', value: 'db' },
    { name: 'DB_PASSWORD', value: new Secret('hunter2') },
    { name: 'DEBUG_LEVEL', value: undefined },
  ],
  inspect: {
    Config: { Cmd: ['node', 'server.js'], Entrypoint: null, User: '', WorkingDir: '/app' },
    Mounts: [{ Type: 'volume', Destination: '/uploads', RW: true }],
  },
} as unknown as Container;

const onTarget = (config: object = {}, top: object = {}) => ({
  Image: 'sha256:1',
  State: { Running: true, Status: 'running' },
  Config: {
    Cmd: ['node', 'server.js'],
    Entrypoint: [],
    User: '',
    WorkingDir: '/app',
    Env: ['DB_HOST=db', 'DB_PASSWORD=hunter2', 'AWS_REGION=eu-central-1'],
    ...config,
  },
  HostConfig: { CpuShares: 2, LogConfig: { Type: 'json-file' } },
  Mounts: [{ Destination: '/uploads', RW: true }],
  ...top,
});

describe('a container on the target', () => {
  it.each<[string, object, string[]]>([
    ['as on the source, with what the agent adds', onTarget(), []],
    [
      'with its program as entry point, and a variable of the image that it had removed',
      onTarget({
        Entrypoint: ['node'],
        Cmd: ['server.js'],
        Env: ['DB_HOST=db', 'DB_PASSWORD=hunter2', 'DEBUG_LEVEL=1'],
      }),
      [],
    ],
    ['without a setting of its definition', onTarget({}, { HostConfig: { CpuShares: 2 } }), ['blog: settings']],
    ['that has stopped', onTarget({}, { State: { Running: false, Status: 'exited' } }), ['blog: runs']],
    ['of another image', onTarget({}, { Image: 'sha256:2' }), ['blog: image']],
    ['with another command', onTarget({ Cmd: ['sh'] }), ['blog: command']],
    ['with another user', onTarget({ User: 'root' }), ['blog: user and directory']],
    ['with another secret', onTarget({ Env: ['DB_HOST=db', 'DB_PASSWORD=guess'] }), ['blog: environment']],
    [
      'with a variable more',
      onTarget({ Env: ['DB_HOST=db', 'DB_PASSWORD=hunter2', 'DEBUG=1'] }),
      ['blog: environment'],
    ],
    ['without its mount', onTarget({}, { Mounts: [] }), ['blog: mounts']],
    ['with its mount read-only', onTarget({}, { Mounts: [{ Destination: '/uploads', RW: false }] }), ['blog: mounts']],
  ])('%s', (_, inspect, failed) => {
    const checks = compareContainers(before, { name: 'blog' }, inspect as Record<string, unknown>);
    expect(checks.filter(({ status }) => status === 'fail').map(({ name }) => name)).toEqual(failed);
    expect(JSON.stringify(checks)).not.toMatch(/hunter2|guess/);
  });
});
