import { describe, expect, it } from 'vitest';
import { type EngineAnswers, engineFindings } from '../../src/engine-findings.ts';

/** What an ordinary Docker 28 answers, less what nobody looks at. */
const docker: EngineAnswers = {
  version: { Version: '28.1.1', ApiVersion: '1.49', Components: [{ Name: 'Engine' }, { Name: 'containerd' }] },
  info: {
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', 'extfs']],
    DockerRootDir: '/var/lib/docker',
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
  },
};
const version = (...over: object[]): EngineAnswers => ({
  ...docker,
  version: Object.assign({}, docker.version, ...over),
});
const info = (over: object): EngineAnswers => ({ ...docker, info: { ...docker.info, ...over } });
const containerd = { Driver: 'overlayfs', DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] };
const docker25 = { Version: '25.0.3', ApiVersion: '1.44' };

describe('the engine', () => {
  it.each<[string, EngineAnswers, string[]]>([
    ['Docker 28', docker, []],
    ['Docker 1.12', version({ Version: '1.12.6', ApiVersion: '1.24', Components: undefined }), []],
    ['Docker 1.11', version({ Version: '1.11.2', ApiVersion: '1.23' }), ['blocker docker-too-old']],
    ['one that says nothing of itself', { version: { ApiVersion: '1.41' }, info: {} }, []],
    [
      'rootless',
      info({ SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] }),
      ['blocker docker-rootless'],
    ],
    ['userns-remap', info({ SecurityOptions: ['name=seccomp', 'name=userns'] }), ['blocker userns-remap']],
    [
      'Podman',
      version({ Version: '4.3.1', ApiVersion: '1.41', Components: [{ Name: 'Podman Engine' }, { Name: 'Conmon' }] }),
      ['blocker podman'],
    ],
    [
      'rootless Podman',
      {
        ...info({ SecurityOptions: ['name=rootless'] }),
        version: { ApiVersion: '1.41', Components: [{ Name: 'Podman Engine' }] },
      },
      ['blocker podman', 'blocker docker-rootless'],
    ],
    ['containerd’s store', info(containerd), []],
    [
      'containerd’s store before 27',
      { ...info(containerd), version: { ...docker.version, ...docker25 } },
      ['blocker containerd-store'],
    ],
    ['Docker 25 with its own store', version(docker25), []],
    ['devicemapper', info({ Driver: 'devicemapper', DriverStatus: [['Pool Name', 'docker-pool']] }), []],
    ['snap', info({ DockerRootDir: '/var/snap/docker/common/var-lib-docker' }), ['info docker-snap']],
    ['a member of a swarm', info({ Swarm: { LocalNodeState: 'active' } }), []],
  ])('%s', (_, answers, wanted) => {
    const found = engineFindings(answers, 'droplet');
    expect(found.map(({ level, code }) => `${level} ${code}`)).toEqual(wanted);
    for (const { subject, remedy } of found)
      expect([subject, remedy]).toEqual(['droplet', expect.stringMatching(/.../)]);
  });
});
