import { isEmpty, type Json, recordOf, recordsOf, textOf, textsOf } from './json.ts';
import { otherMount } from './mount-rules.ts';
import { cleanPath } from './places.ts';
import { sizedTmpfs } from './tmpfs.ts';
import { approximated, blocked, nothing, type Rule, type Subject, type Verdict } from './verdict.ts';

/** `source:destination:options` of `docker run -v`. */
export const binds: Rule = (value, subject) =>
  textsOf(value).map((bind) => {
    const [first = '', second] = bind.split(':');
    return seen(second ?? first, bind, subject);
  });

/** Paths that the image or `-v /path` made volumes of, which `.Mounts` shows. */
export const volumes: Rule = (value, subject) => {
  const missing = Object.keys(recordOf(value)).filter((path) => !isMounted(path, subject));
  return missing.length === 0 ? [nothing('what came of it: Mounts')] : missing.map((path) => seen(path, {}, subject));
};

export const volumesFrom: Rule = (value, { container }) =>
  container.inspect.Mounts.length > 0
    ? [nothing('what came of it: Mounts')]
    : [
        blocked(
          'mount-missing',
          `It has the volumes of ${textsOf(value).join(', ')}, which its mounts do not show.`,
          'Start it once on the source, and plan again.',
        ),
      ];

/** What `--mount` asked for and `.Mounts` does not show (§0). */
export const mountRequests: Rule = (value, subject) =>
  recordsOf(value).flatMap((request) => mountRequest(request, subject));

function mountRequest(request: Json, subject: Subject): readonly Verdict[] {
  const [path, type] = [textOf(request.Target), textOf(request.Type)];
  if (type === 'tmpfs') return [sizedTmpfs(path, recordOf(request.TmpfsOptions), request.ReadOnly === true)];
  if (type !== 'volume' && type !== 'bind') return [otherMount(path, type)];
  return [
    seen(path, request, subject),
    ...subpath(path, recordOf(request.VolumeOptions)),
    ...bindOptions(path, request),
  ];
}

const isMounted = (path: string, { container, host }: Subject): boolean =>
  [...container.inspect.Mounts.map(({ Destination }) => Destination), ...Object.keys(recordOf(host.Tmpfs))].some(
    (destination) => cleanPath(destination) === cleanPath(path),
  );

function seen(path: string, request: unknown, subject: Subject): Verdict {
  const extra = { at: path, value: request };
  if (isMounted(path, subject)) return nothing(`what came of it: Mounts.${path}`, extra);
  const message = `It asks for a mount at ${path}, which its mounts do not show.`;
  return blocked('mount-missing', message, 'Start it once on the source, and plan again.', extra);
}

function* subpath(path: string, { Subpath, Labels }: Json): Generator<Verdict> {
  if (!isEmpty(Subpath)) {
    const message = `At ${path} it has only the directory ${textOf(Subpath)} of a volume; ECS mounts the whole.`;
    const remedy = 'Mount the whole volume, or give the directory a volume of its own.';
    yield blocked('volume-subpath', message, remedy, { at: `${path}.Subpath`, value: Subpath });
  }
  if (!isEmpty(Labels))
    yield approximated({}, 'labels of the volume: the volume on the instance has none', {
      at: `${path}.VolumeOptions.Labels`,
      value: Labels,
    });
}

/** §1.5: of a mount's options only read-only reaches Docker. */
const bindSwitches = {
  NonRecursive: 'ECS mounts what is mounted below as well',
  ReadOnlyNonRecursive: 'what is mounted below is read-only too where the kernel can',
  ReadOnlyForceRecursive: 'where the kernel cannot make what is mounted below read-only, it stays writable',
} as const;

function* bindOptions(path: string, { BindOptions }: Json): Generator<Verdict> {
  const options = recordOf(BindOptions);
  for (const [name, change] of Object.entries(bindSwitches))
    if (options[name] === true) yield approximated({}, change, { at: `${path}.BindOptions.${name}`, value: true });
}
