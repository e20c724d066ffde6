import type { Design } from '../design.ts';
import { type Finding, withoutBlocker } from '../finding.ts';
import type { Container, Inventory } from '../inventory.ts';
import { mailFindings } from '../surroundings/mail-findings.ts';
import { surroundingFindings } from '../surroundings/surrounding-findings.ts';
import { arrange } from './arrange.ts';
import { cpuUnits } from './cpu.ts';
import { datasetsOf } from './datasets.ts';
import { wantedImages } from './images.ts';
import { textOf } from './json.ts';
import { keptElsewhere } from './kept-elsewhere.ts';
import { liftPaths } from './lifted.ts';
import { checkDefinitions, checkLimits } from './limits.ts';
import { memoryFindings } from './memory.ts';
import { nameClashes } from './name-clashes.ts';
import { openFiles } from './open-files.ts';
import { judgeOutsideVolumes } from './outside-volumes.ts';
import { placesOf, readsSocket } from './places.ts';
import { part, stayingFindings } from './staying.ts';
import { watcherFinding } from './watchers.ts';
import { buildWorkload, type Settings, type Site } from './workload.ts';

/** What the source's containers become on ECS. Pure: the same inventory and settings always give the same design. */
export function designMigration(found: Inventory, settings: Settings): Design {
  const { inventory, lifts } = liftPaths(found, settings);
  const containers = [...inventory.containers].sort(byAge);
  const parted = part(containers, settings.leave);
  const { moved } = parted;
  const idle = parted.idle.filter((container) => hasImage(container, inventory));
  const places = placesOf(inventory);
  const wanted = wantedImages([...moved, ...idle], inventory.images, settings);
  const networks = new Map(inventory.networks.map((network) => [textOf(network.Name), network]));
  const cpu = cpuUnits(moved, settings.instance?.type);
  const arranged = arrange(moved, { ...settings, idle });
  const site: Site = {
    settings,
    images: inventory.images,
    wanted,
    places,
    networks,
    cpu,
    moved: moved.map(({ name }) => name),
    socketReaders: moved.filter(readsSocket).map(({ name }) => name),
    routeOf: arranged.routeOf,
  };
  const build = ({ group, wiring }: (typeof arranged.tasks)[number]) => buildWorkload(group, wiring, site);
  const [finished, atRest] = [arranged.tasks.map(build), arranged.idle.map(build)];
  const data = datasetsOf([...moved, ...idle], places, lifts);
  const needed = datasetsOf(moved, places, lifts).findings.map(({ subject }) => subject);
  const asFound = part(found.containers, settings.leave);
  const chosen = { settings, lifts, images: wanted };
  const outside = judgeOutsideVolumes(asFound.moved, found, chosen);
  const outsideIdle = judgeOutsideVolumes(asFound.idle, found, chosen);
  const workloads = finished.map(({ workload }) => workload);
  const definitions = [...workloads, ...atRest.map(({ workload }) => workload)];
  return {
    workloads,
    idle: atRest.map(({ workload }) => workload),
    datasets: data.datasets,
    images: wanted,
    watchers: parted.watchers.map(({ name }) => name),
    accounting: [...finished, outside, ...atRest, outsideIdle].flatMap(({ accounting }) => accounting),
    findings: [
      ...arranged.findings,
      ...finished.flatMap((each) => each.findings),
      ...data.findings.map((each) => (needed.includes(each.subject) ? each : withoutBlocker(each))),
      ...moved.flatMap(memoryFindings),
      ...outside.findings,
      ...moved.flatMap((container) => withoutImage(container, inventory)),
      ...[...atRest, outsideIdle].flatMap((each) => each.findings).map(withoutBlocker),
      ...parted.idle.map((container) => atRestFinding(container, idle.includes(container))),
      ...stayingFindings(containers, parted, places, settings.leave),
      ...parted.watchers.map(watcherFinding),
      ...moved.flatMap((container) => keptElsewhere(container, networks)),
      ...nameClashes(definitions),
      ...openFiles(moved),
      ...checkLimits(workloads),
      ...checkDefinitions(atRest.map(({ workload }) => workload)),
      ...mailFindings(moved),
      ...surroundingFindings(inventory, workloads, settings.instance?.setup),
    ],
  };
}

const byAge = (a: Container, b: Container): number => order(a).localeCompare(order(b)) || a.name.localeCompare(b.name);
const order = ({ inspect }: Container): string => textOf(inspect.Created);

function atRestFinding({ name }: Container, isCarried: boolean): Finding {
  const about = { level: 'info', code: 'not-running', subject: name } as const;
  if (!isCarried)
    return {
      ...about,
      message: 'It is not running, and its image is not on the source any more: it stays there as it is.',
      remedy: `If nobody needs it: docker rm ${name}`,
    };
  return {
    ...about,
    message:
      'It is not running: its image, its data and its task definition go along, and no service, so that it runs when somebody starts it.',
    remedy: `If it is to be served, start it before the migration: docker start ${name}. If nobody needs it: docker rm ${name}, or "leave: [${name}]" in ecsodus.yaml.`,
  };
}

/** An image that is gone is read as one without size and settings. */
const hasImage = ({ imageId }: Container, { images }: Inventory): boolean =>
  images.some(({ id, bytes, config }) => id === imageId && (bytes > 0 || Object.keys(config).length > 0));

const withoutImage = (container: Container, inventory: Inventory): Finding[] => {
  const { name, imageId, imageName } = container;
  return hasImage(container, inventory)
    ? []
    : [
        {
          level: 'blocker',
          code: 'image-missing',
          subject: name,
          message: `Its image ${imageName} (${imageId}) is not on the source any more.`,
          remedy: `Make one of it: docker commit ${name}, start the container from that, and take the inventory again.`,
        },
      ];
};
