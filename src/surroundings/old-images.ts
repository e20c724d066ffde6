import { numberOf, recordOf, textsOf } from '../ecs/json.ts';
import type { Container, Image } from '../inventory.ts';
import { reveal } from '../secret.ts';
import type { Noticed, Scene } from './finding-with-setup.ts';
import type { ContainerSystem } from './surroundings.ts';

/** Images that do not run, or see wrong limits, on a host with kernel 6.1 and cgroup v2. Offline: by names and environment. */
export const oldImageFindings = (scene: Pick<Scene, 'inventory'>): Noticed[] =>
  scene.inventory.containers
    .filter(({ running }) => running)
    .flatMap((container) => {
      const image = scene.inventory.images.find(({ id }) => id === container.imageId);
      const system = scene.inventory.surroundings?.systems[container.id] ?? {};
      const evidence = { container, image, system, names: [container.imageName, ...(image?.tags ?? [])] };
      return [...oldLibc(evidence), ...oldJava(evidence), ...oldSystemd(evidence), ...oldDocker(evidence)];
    });

interface Evidence {
  readonly container: Container;
  readonly image: Image | undefined;
  readonly system: ContainerSystem;
  readonly names: readonly string[];
}

/** Base images of the time; a tag further down the line says nothing. */
const oldTags =
  /(^|\/)(centos:(centos)?[56]([.-]|$)|oraclelinux:[56]([.-]|$)|debian:(squeeze|wheezy|lenny|[67]([.-]|$))|ubuntu:(precise|lucid|oneiric|natty|maverick|1[01]\.|12\.04))/;

/** The last release of each distribution whose C library calls the kernel at the vsyscall page. */
const oldReleases: Readonly<Record<string, number>> = {
  centos: 6,
  rhel: 6,
  ol: 6,
  scientific: 6,
  debian: 7,
  ubuntu: 12.04,
};

const vsyscall = `grubby --update-kernel=ALL --args=vsyscall=emulate`;

function oldLibc({ container, system, names }: Evidence): Noticed[] {
  const [major = 0, minor = 0] = (system.libc ?? '').split('.').map(Number);
  const isOldLibc = system.libc !== undefined && (major < 2 || (major === 2 && minor <= 15));
  const last = oldReleases[system.distribution ?? ''];
  const isOldRelease = last !== undefined && Number.parseFloat(system.version ?? '') <= last;
  const tag = names.find((name) => oldTags.test(name));
  const known = system.libc !== undefined || system.distribution !== undefined;
  if (!isOldLibc && !isOldRelease && (known || tag === undefined)) return [];
  const what = [
    ...(system.distribution ? [`${system.distribution} ${system.version ?? ''}`.trim()] : []),
    ...(system.libc ? [`glibc ${system.libc}`] : []),
  ];
  return [
    {
      level: 'blocker',
      code: 'old-libc',
      subject: container.name,
      message: `Its image is very old (${what.length > 0 ? what.join(', ') : tag}): its C library calls the kernel at the vsyscall page, which newer kernels do not have by default; programs then die at once with exit code 139.`,
      remedy: `Rebuild it on a base that is still kept, then plan again. Or accept "old-libc:${container.name}", and after provision reboot the instance once (aws ec2 reboot-instances) so that the kernel emulates vsyscall.`,
      setup: vsyscall,
    },
  ];
}

/** 8 before 8u372, 9 and 10, 11 before 11.0.16, and 12 to 14 look for cgroup v1 only. */
function oldJava({ container, image, system }: Evidence): Noticed[] {
  const limit = numberOf(recordOf(container.inspect.HostConfig).Memory);
  const version = javaVersion(system.java ?? javaOf(container, image));
  if (limit === 0 || version === undefined || !isBlind(version) || hasHeapSize(container)) return [];
  return [
    {
      level: 'warning',
      code: 'old-jvm',
      subject: container.name,
      message: `Its Java ${version.shown} does not know cgroup v2: it takes the instance’s whole memory for its own, sizes its heap by that, and is killed at its limit of ${Math.ceil(limit / 1024 ** 2)} MiB.`,
      remedy: `Set the heap on the source, for example JAVA_TOOL_OPTIONS=-Xmx${Math.floor((limit / 1024 ** 2) * 0.75)}m, or update Java to 8u372, 11.0.16, 17 or later; then plan again.`,
    },
  ];
}

const javaOf = (container: Container, image: Image | undefined): string => {
  const own = container.env.find(({ name }) => name === 'JAVA_VERSION')?.value;
  return own === undefined
    ? (image?.env.find((entry) => entry.startsWith('JAVA_VERSION='))?.slice(13) ?? '')
    : reveal(own);
};

interface JavaVersion {
  readonly major: number;
  readonly update: number;
  readonly shown: string;
}

/** `1.8.0_292`, `8u111`, `jdk8u292-b10`, `jdk-11.0.11+9`, `17.0.1` */
export function javaVersion(text: string): JavaVersion | undefined {
  const old = /(?:^|[^\d.])(?:1\.)?([5-8])(?:u|\.0_)(\d+)/.exec(` ${text}`);
  if (old !== null) return { major: Number(old[1]), update: Number(old[2]), shown: text };
  const [, major = '', update = '0'] = /(?:^|[^\d.])(\d{1,2})(?:\.0\.(\d+))?/.exec(text) ?? [];
  return major === '' ? undefined : { major: Number(major), update: Number(update), shown: text };
}

const isBlind = ({ major, update }: JavaVersion): boolean =>
  (major === 8 && update < 372) ||
  major === 9 ||
  major === 10 ||
  (major === 11 && update < 16) ||
  (major >= 12 && major <= 14);

function hasHeapSize({ env, inspect }: Container): boolean {
  const config = recordOf(inspect.Config);
  const texts = [...env.map(({ value }) => reveal(value ?? '')), ...textsOf(config.Entrypoint), ...textsOf(config.Cmd)];
  return texts.some((text) => /-Xmx|-XX:MaxRAM=|-XX:MaxHeapSize=/.test(text));
}

/** Releases whose systemd is older than 232, the first to know cgroup v2 within a container. */
const systemdReleases: Readonly<Record<string, number>> = { centos: 7, rhel: 7, ol: 7, debian: 8, ubuntu: 16.04 };
const systemdTags = /(^|\/)(centos:(centos)?7([.-]|$)|debian:(jessie|8)([.-]|$)|ubuntu:(xenial|1[56]\.|trusty|14\.))/;

function oldSystemd({ container, system, names }: Evidence): Noticed[] {
  const config = recordOf(container.inspect.Config);
  const [program = ''] = [...textsOf(config.Entrypoint), ...textsOf(config.Cmd)];
  const isInit = /(^|\/)systemd$/.test(system.init ?? '') || /^(\/usr)?\/s?bin\/init$|(^|\/)systemd$/.test(program);
  const last = systemdReleases[system.distribution ?? ''];
  const isOld =
    system.distribution === undefined
      ? names.some((name) => systemdTags.test(name))
      : last !== undefined && Number.parseFloat(system.version ?? '') <= last;
  if (!isInit) return [];
  return [
    {
      level: isOld ? 'blocker' : 'warning',
      code: 'systemd-container',
      subject: container.name,
      message: isOld
        ? 'It runs systemd older than 232, which needs cgroup v1; the instance has cgroup v2 only.'
        : 'It runs systemd, which on cgroup v2 needs a cgroup of its own to write to.',
      remedy: isOld
        ? 'Rebuild it on a newer base, or start the program itself in place of systemd, one container for each; then plan again.'
        : 'Try it on a host with cgroup v2 first (stat -fc %T /sys/fs/cgroup says cgroup2fs).',
    },
  ];
}

/** Docker within Docker knows cgroup v2 since 20.10. */
function oldDocker({ container, image, names }: Evidence): Noticed[] {
  const isDocker =
    names.some((name) => /(^|\/)docker:.*dind|(^|\/)dind(:|$)/.test(name)) ||
    (image?.env ?? []).some((entry) => entry.startsWith('DIND_COMMIT='));
  const version =
    (image?.env ?? []).find((entry) => entry.startsWith('DOCKER_VERSION='))?.slice('DOCKER_VERSION='.length) ??
    names.map((name) => /:(\d+\.\d+[\d.]*)/.exec(name)?.[1]).find((found) => found !== undefined);
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (!isDocker || version === undefined || major > 20 || (major === 20 && minor >= 10)) return [];
  return [
    {
      level: 'blocker',
      code: 'old-docker',
      subject: container.name,
      message: `It runs Docker ${version} within Docker, which needs cgroup v1; the instance has cgroup v2 only.`,
      remedy: 'Use docker:20.10-dind or later on the source, then plan again.',
    },
  ];
}
