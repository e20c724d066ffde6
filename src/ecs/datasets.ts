import type { Dataset } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { dataRoot } from '../names.ts';
import { isInside } from './host-paths.ts';
import type { Lift } from './lifted.ts';
import { bindMounts, cleanPath, type Places, volumeMounts, volumePath } from './places.ts';

/** A path of the source that is to be carried, and who mounts it. */
interface Wanted {
  readonly source: string;
  readonly target: string;
  readonly containers: readonly string[];
}

/** What is copied, each thing once, and what is not. */
export function datasetsOf(
  containers: readonly Container[],
  places: Places,
  lifts: readonly Lift[],
): { datasets: Dataset[]; findings: Finding[] } {
  const wanted = withoutNested(distinct(containers.flatMap((container) => wantedBy(container, places))));
  const judged = wanted.map((each) => judge(each, places));
  return {
    datasets: judged
      .flatMap(({ dataset }) => dataset ?? [])
      .map((dataset) => fromLayers(dataset, lifts))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    findings: judged.flatMap(({ finding }) => finding ?? []),
  };
}

function fromLayers(dataset: Dataset, lifts: readonly Lift[]): Dataset {
  const lift = lifts.find(({ source }) => source === dataset.source);
  return lift === undefined ? dataset : { ...dataset, liftedFrom: lift.container };
}

function wantedBy(container: Container, places: Places): Wanted[] {
  const names = [container.name];
  const volumes = volumeMounts(container).filter(({ Driver = 'local' }) => Driver === 'local' || Driver === '');
  return [
    ...volumes
      .filter(({ Name }) => ['plain', 'bind'].includes(places.volume(Name).kind))
      .map((mount) => ({ source: places.volumeSource(mount), target: volumePath(mount.Name), containers: names })),
    ...bindMounts(container).flatMap(({ Source }): Wanted[] => {
      const { path, why } = places.ofBind(Source);
      return why === 'data' ? [{ source: cleanPath(Source), target: path, containers: names }] : [];
    }),
  ];
}

function distinct(all: readonly Wanted[]): Wanted[] {
  const byTarget = new Map<string, Wanted>();
  for (const each of all) {
    const containers = [...new Set([...(byTarget.get(each.target)?.containers ?? []), ...each.containers])];
    byTarget.set(each.target, { ...each, containers });
  }
  return [...byTarget.values()];
}

/** What lies inside another directory that is carried arrives with it, at the very place it is wanted. */
function withoutNested(all: readonly Wanted[]): Wanted[] {
  const isNested = (each: Wanted) => all.some((other) => other !== each && isInside(each.target, other.target));
  return all
    .filter((each) => !isNested(each))
    .map((each) => ({
      ...each,
      containers: [
        ...new Set(all.filter(({ target }) => isInside(target, each.target)).flatMap(({ containers }) => containers)),
      ],
    }));
}

function judge({ source, target, containers }: Wanted, places: Places): { dataset?: Dataset; finding?: Finding } {
  const data = places.find(source);
  const name = target.slice(dataRoot.length + 1);
  if (data === undefined)
    return {
      dataset: { name, kind: 'directory', source, target, bytes: 0, files: 0, containers },
      finding: unmeasured(source),
    };
  if (data.kind === 'missing') return { finding: missing(source, containers) };
  if (data.kind === 'other') return { finding: special(source, containers) };
  return { dataset: { name, kind: data.kind, source, target, bytes: data.bytes, files: data.files, containers } };
}

const missing = (source: string, containers: readonly string[]): Finding => ({
  level: 'blocker',
  code: 'source-missing',
  subject: source,
  message: `${source}, which ${containers.join(', ')} mounts, is not there any more: what it held may live in the running container only.`,
  remedy: 'Put it back on the source (docker cp), or accept this if it is empty.',
});

const special = (source: string, containers: readonly string[]): Finding => ({
  level: 'warning',
  code: 'not-copied',
  subject: source,
  message: `${source}, which ${containers.join(', ')} mounts, is neither a directory nor a file, and is not copied.`,
  remedy: 'Whatever makes it must run on the instance too.',
});

const unmeasured = (subject: string): Finding => ({
  level: 'warning',
  code: 'not-measured',
  subject,
  message: `${subject} was not looked at: neither its size nor whether it is a directory is known.`,
  remedy: 'Take the inventory again.',
});
