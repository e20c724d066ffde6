import type { Design } from '../design.ts';
import type { Finding } from '../finding.ts';
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
import { checkLimits } from './limits.ts';
import { memoryFindings } from './memory.ts';
import { nameClashes } from './name-clashes.ts';
import { openFiles } from './open-files.ts';
import { judgeOutsideVolumes } from './outside-volumes.ts';
import { bindMounts, placesOf, readsSocket, volumeMounts } from './places.ts';
import { part, stayingFindings } from './staying.ts';
import { watcherFinding } from './watchers.ts';
import { buildWorkload, type Settings, type Site } from './workload.ts';

/** What the source's containers become on ECS. Pure: the same inventory and settings always give the same design. */
export function designMigration(found: Inventory, settings: Settings): Design {
  const { inventory, lifts } = liftPaths(found, settings);
  const containers = [...inventory.containers].sort(byAge);
  const parted = part(containers, settings.leave);
  const { moved } = parted;
  const places = placesOf(inventory);
  const wanted = wantedImages(moved, inventory.images, settings);
  const networks = new Map(inventory.networks.map((network) => [textOf(network.Name), network]));
  const cpu = cpuUnits(moved, settings.instance?.type);
  const { tasks, routeOf, findings } = arrange(moved, settings);
  const site: Site = {
    settings,
    images: inventory.images,
    wanted,
    places,
    networks,
    cpu,
    moved: moved.map(({ name }) => name),
    socketReaders: moved.filter(readsSocket).map(({ name }) => name),
    routeOf,
  };
  const finished = tasks.map(({ group, wiring }) => buildWorkload(group, wiring, site));
  const data = datasetsOf(moved, places, lifts);
  const outside = judgeOutsideVolumes(part(found.containers, settings.leave).moved, found, {
    settings,
    lifts,
    images: wanted,
  });
  const workloads = finished.map(({ workload }) => workload);
  return {
    workloads,
    datasets: data.datasets,
    images: wanted,
    watchers: parted.watchers.map(({ name }) => name),
    accounting: [...finished.flatMap(({ accounting }) => accounting), ...outside.accounting],
    findings: [
      ...findings,
      ...finished.flatMap((each) => each.findings),
      ...data.findings,
      ...moved.flatMap(memoryFindings),
      ...outside.findings,
      ...moved.flatMap((container) => withoutImage(container, inventory)),
      ...containers.filter(({ running }) => !running).map(leftBehind),
      ...stayingFindings(containers, parted, places, settings.leave),
      ...parted.watchers.map(watcherFinding),
      ...moved.flatMap((container) => keptElsewhere(container, networks)),
      ...nameClashes(workloads),
      ...openFiles(moved),
      ...checkLimits(workloads),
      ...mailFindings(moved),
      ...surroundingFindings(inventory, workloads, settings.instance?.setup),
    ],
  };
}

const byAge = (a: Container, b: Container): number => order(a).localeCompare(order(b)) || a.name.localeCompare(b.name);
const order = ({ inspect }: Container): string => textOf(inspect.Created);

function leftBehind(container: Container): Finding {
  const data = [
    ...volumeMounts(container).map(({ Name }) => Name),
    ...bindMounts(container).map(({ Source }) => Source),
  ];
  return {
    level: 'info',
    code: 'not-running',
    subject: container.name,
    message: `It is not running, so it stays on the source${data.length > 0 ? `, with its data where no other container has it: ${data.join(', ')}` : ''}.`,
    remedy: `Start it (docker start ${container.name}) before the migration if it is to move.`,
  };
}

/** An image that is gone is read as one without size and settings. */
const withoutImage = ({ name, imageId, imageName }: Container, { images }: Inventory): Finding[] =>
  images.some(({ id, bytes, config }) => id === imageId && (bytes > 0 || Object.keys(config).length > 0))
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
