import type { Json } from '../docker/docker.ts';
import { recordOf } from '../ecs/json.ts';
import { type SavedFile, unusable } from './json-documents.ts';

/** What prints such an object, by the keys that only it has. The first that fits. */
const kinds: readonly (readonly [command: string, is: (value: Json) => boolean])[] = [
  ['docker service inspect', ({ Spec }) => 'TaskTemplate' in recordOf(Spec)],
  ['docker node inspect', ({ Spec }) => 'Availability' in recordOf(Spec)],
  ['docker inspect of a task', ({ Spec }) => 'ContainerSpec' in recordOf(Spec)],
  ['docker stats', (value) => 'MemUsage' in value || 'memory_stats' in value],
  ['docker ps', ({ Names }) => Names !== undefined],
  ['docker image ls', ({ Repository }) => Repository !== undefined],
  ['docker network inspect', (value) => 'IPAM' in value],
  ['docker volume inspect', (value) => 'Mountpoint' in value],
  ['docker info', (value) => 'ServerVersion' in value],
  ['docker compose config', (value) => 'services' in value],
  ['docker image inspect', (value) => 'RootFS' in value || 'RepoTags' in value],
  ['docker inspect', (value) => 'HostConfig' in value || isObject(value.State)],
];

const kindOf = (value: Json): string | undefined => kinds.find(([, is]) => is(value))?.[0];

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses a file that holds anything but what its flag wants, and says what it holds. */
export function refuseOthers(values: readonly Json[], wanted: string, file: SavedFile): void {
  const other = values.find((value) => kindOf(value) !== wanted);
  if (other === undefined) return;
  const kind = kindOf(other);
  throw unusable(
    file,
    'input-kind',
    kind === undefined
      ? `holds something that is not of Docker, or only a part of it: an object with ${keysOf(other)}`
      : `holds what "${kind}" prints`,
  );
}

const keysOf = (value: Json): string => {
  const keys = Object.keys(value);
  return keys.length === 0 ? 'no keys' : `the keys ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''}`;
};

/** Refuses containers that lack what every engine sends: the file was edited, or made with --format. */
export function refuseMaimed(values: readonly Json[], file: SavedFile): void {
  values.forEach((value, index) => {
    const lacks = [
      ...['Id', 'Name', 'Image'].filter((key) => typeof value[key] !== 'string'),
      ...['Config', 'HostConfig'].filter((key) => !isObject(value[key])),
    ];
    if (lacks.length === 0) return;
    throw unusable(file, 'input-maimed', `holds a container, number ${index + 1}, without ${lacks.join(' and ')}`);
  });
}
