import { listOf, recordsOf, textOf } from './ecs/json.ts';
import type { Finding } from './finding.ts';

/** `GET /version` and `GET /info`, as the engine sends them. */
export interface EngineAnswers {
  readonly version: Readonly<Record<string, unknown>>;
  readonly info: Readonly<Record<string, unknown>>;
}

type Told = Pick<Finding, 'level' | 'code' | 'message' | 'remedy'>;

/** Docker 1.12 (July 2016) speaks 1.24, the oldest API that has every call we make. */
const oldestApiMinor = 24;

/** Docker 27: from here on a push out of containerd's store leaves out the platforms that are not there. */
const pushesOnePlatform = 46;

/** What of the engine itself stands in the way. Where nothing is found, whatever it stores is read and moved as it is. */
export function engineFindings({ version, info }: EngineAnswers, host: string): Finding[] {
  const apiMinor = Number(textOf(version.ApiVersion).split('.')[1]);
  const security = listOf(info.SecurityOptions).map(textOf);
  const isPodman = recordsOf(version.Components).some(({ Name }) => /podman/i.test(textOf(Name)));
  const found: Told[] = [
    ...(isPodman ? [podman] : apiMinor < oldestApiMinor ? [tooOld(version)] : []),
    ...(security.some((option) => /\bname=rootless\b/.test(option)) ? [rootless] : []),
    ...(security.some((option) => /\bname=userns\b/.test(option)) ? [remapped] : []),
    ...(usesContainerd(info) && apiMinor < pushesOnePlatform ? [platformsMissing(version)] : []),
    ...(textOf(info.DockerRootDir).startsWith('/var/snap/') ? [fromSnap(host)] : []),
  ];
  return found.map((each) => ({ ...each, subject: host }));
}

/** DriverStatus is a list of pairs. */
const usesContainerd = (info: EngineAnswers['info']): boolean =>
  listOf(info.DriverStatus).some(
    (pair) => listOf(pair).map(textOf).join(' ') === 'driver-type io.containerd.snapshotter.v1',
  );

const tooOld = ({ Version, ApiVersion }: EngineAnswers['version']): Told => ({
  level: 'blocker',
  code: 'docker-too-old',
  message: `Docker ${textOf(Version)} speaks API ${textOf(ApiVersion)}; 1.${oldestApiMinor} is needed.`,
  remedy: 'Upgrade Docker on the source to 1.12 or newer.',
});

const podman: Told = {
  level: 'blocker',
  code: 'podman',
  message:
    'Podman answers at the Docker socket. It starts containers through systemd, not by itself, and what it says of them is not all that Docker says.',
  remedy:
    'Install Docker on the source, load the images into it (podman save IMAGE | docker load), create the containers there with their volumes, and plan again.',
};

/** Read within a container, owners are what its processes see. */
const throughTar =
  'Before, save each volume as its containers see it: docker run --rm -v VOLUME:/v IMAGE tar -C /v -cf - . > VOLUME.tar; ' +
  'afterwards create the containers anew and fill it again: docker run --rm -i -v VOLUME:/v IMAGE tar -C /v -xpf - < VOLUME.tar.';

const rootless: Told = {
  level: 'blocker',
  code: 'docker-rootless',
  message:
    'Docker runs rootless: on disk its data belongs to shifted users, who are nobody on the instance, and it ends when its user logs out.',
  remedy: `Run the containers with the system’s own Docker (sudo systemctl enable --now docker), and plan again. ${throughTar}`,
};

const remapped: Told = {
  level: 'blocker',
  code: 'userns-remap',
  message:
    'Docker remaps users (userns-remap): on disk its data belongs to shifted users, and on the instance, which remaps none, no process could write it.',
  remedy: `Take "userns-remap" out of /etc/docker/daemon.json, restart Docker, which then begins with an empty store beside the old one, and plan again. ${throughTar}`,
};

const platformsMissing = ({ Version }: EngineAnswers['version']): Told => ({
  level: 'blocker',
  code: 'containerd-store',
  message: `Docker ${textOf(Version)} keeps its images in containerd, and cannot push one of several platforms of which it has only its own.`,
  remedy:
    'Upgrade Docker on the source to 27 or newer. Where all images were built there, or for one platform only, go on with accept.',
});

const fromSnap = (host: string): Told => ({
  level: 'info',
  code: 'docker-snap',
  message: 'Docker is a snap, which snapd may refresh at any time; that restarts Docker and its containers.',
  remedy: `Hold it while you migrate: ssh ${host} sudo snap refresh --hold=72h docker`,
});
