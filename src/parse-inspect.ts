import type { Json } from './docker/docker.ts';
import { configShape, inspectShape } from './ecs/inspect-shape.ts';
import { listOf, numberOf, recordOf, recordsOf, textOf, textsOf } from './ecs/json.ts';
import { looksSecret } from './ecs/secrets.ts';
import { conform } from './ecs/shapes.ts';
import type { Container, EnvVariable, Image, Inspect, Mount, Stray } from './inventory.ts';
import { Secret } from './secret.ts';

/** What `docker inspect` alone says of a container. */
export type InspectedContainer = Omit<Container, 'usage' | 'databaseMemory' | 'layer' | 'mentions'>;

/**
 * One shape for what engines of ten years send (Engine API 1.24 to 1.52 and later): every known part has its type or is
 * absent, and what is left over is in `strays`. Takes any JSON object, and never throws.
 */
export function parseContainer(raw: Json): InspectedContainer {
  const fitted = conform(inspectShape, raw);
  const inspect = recordOf(fitted.value);
  const { Env, ...config } = recordOf(inspect.Config);
  const found = recordsOf(inspect.Mounts).map(parseMount);
  const id = textOf(inspect.Id);
  const imageId = textOf(inspect.Image);
  return {
    id,
    name: textOf(inspect.Name).replace(/^\/+/, '') || id.slice(0, 12) || 'unnamed',
    imageId,
    imageName: textOf(config.Image) || imageId,
    running: recordOf(inspect.State).Running === true,
    env: textsOf(Env).map(parseVariable),
    inspect: {
      ...inspect,
      Config: config,
      HostConfig: recordOf(inspect.HostConfig),
      Mounts: found.filter((mount) => !isMisplaced(mount)),
      NetworkSettings: { ...recordOf(inspect.NetworkSettings), Networks: networksOf(inspect) },
    },
    strays: [...fitted.strays, ...found.filter(isMisplaced).map(misplaced)],
    writableBytes: numberOf(raw.SizeRw),
  };
}

const networksOf = (inspect: Json): Inspect['NetworkSettings']['Networks'] =>
  Object.fromEntries(
    Object.entries(recordOf(recordOf(inspect.NetworkSettings).Networks)).map(([name, network]) => [
      name,
      recordOf(network),
    ]),
  );

/** API 1.24 sent no Type: what has a name is a volume. */
function parseMount(mount: Json): Mount {
  const name = textOf(mount.Name);
  const isReadOnly = mount.RW === false || (mount.RW === undefined && textOf(mount.Mode).split(',').includes('ro'));
  return {
    ...(mount as Partial<Mount>),
    Type: textOf(mount.Type) || (name === '' ? 'bind' : 'volume'),
    Source: textOf(mount.Source),
    Destination: textOf(mount.Destination),
    RW: !isReadOnly,
  };
}

/** No place that a mount could have: paths are absolute, and the name of a local volume becomes a directory. */
function isMisplaced({ Type, Name = '', Driver = '', Source, Destination }: Mount): boolean {
  if (!Destination.startsWith('/')) return true;
  if (Type === 'bind') return !Source.startsWith('/');
  const isLocal = Driver === '' || Driver === 'local';
  return Type === 'volume' && (Name === '' || (isLocal && !/^[A-Za-z0-9][\w.-]*$/.test(Name)));
}

const misplaced = (mount: Mount): Stray => ({
  path: `Mounts.${mount.Destination}`,
  value: mount,
  reason: 'unreadable',
});

/** Docker's `NAME=value`; `NAME` alone removes the image's variable. */
function parseVariable(entry: string): EnvVariable {
  const at = entry.indexOf('=');
  if (at === -1) return { name: entry, value: undefined };
  const [name, value] = [entry.slice(0, at), entry.slice(at + 1)];
  return { name, value: looksSecret(name, value) ? new Secret(value) : value };
}

/** `docker image inspect`; API 1.52 leaves out what is not set. Takes any JSON object, and never throws. */
export function parseImage(id: string, raw: Json): Image {
  const { Env, ...config } = recordOf(conform(configShape, raw.Config).value);
  return {
    id,
    tags: listOf(raw.RepoTags).filter((tag) => typeof tag === 'string'),
    bytes: numberOf(raw.Size),
    os: textOf(raw.Os),
    architecture: textOf(raw.Architecture) || 'amd64',
    env: textsOf(Env),
    config,
  };
}
