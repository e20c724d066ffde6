import type { Design } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { Container, Inventory } from '../inventory.ts';
import { cpuUnits } from './cpu.ts';
import { datasetsOf } from './datasets.ts';
import { groupContainers } from './grouping.ts';
import { wantedImages } from './images.ts';
import { textOf } from './json.ts';
import { checkLimits } from './limits.ts';
import { bindMounts, placesOf, volumeMounts } from './places.ts';
import { draft, finish, type Settings } from './workload.ts';

/** What the source's containers become on ECS. Pure: the same inventory and settings always give the same design. */
export function designMigration(inventory: Inventory, settings: Settings): Design {
  const containers = [...inventory.containers].sort(byAge);
  const moved = containers.filter(({ running }) => running);
  const places = placesOf(inventory);
  const wanted = wantedImages(moved, inventory.images, settings);
  const site = { settings, images: inventory.images, wanted, places, cpu: cpuUnits(moved), moved };
  const { groups, findings } = groupContainers(moved, settings.workloads);
  const drafts = groups.map((group) => draft(group, site));
  const finished = drafts.map((each) => finish(each, drafts, site));
  const data = datasetsOf(moved, places);
  const workloads = finished.map(({ workload }) => workload);
  return {
    workloads,
    datasets: data.datasets,
    images: wanted,
    accounting: finished.flatMap(({ accounting }) => accounting),
    findings: [
      ...findings,
      ...finished.flatMap((each) => each.findings),
      ...data.findings,
      ...moved.flatMap((container) => outsideVolumes(container)),
      ...moved.flatMap((container) => withoutImage(container, inventory)),
      ...containers.filter(({ running }) => !running).map(leftBehind),
      ...checkLimits(workloads),
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

/** Below this the writable layer holds pid files and caches, and hardly data. */
const negligibleBytes = 1024 ** 2;

/** §0: ECS starts from the image, so what a container wrote outside of its volumes stays behind. */
function outsideVolumes({ name, writableBytes }: Container): Finding[] {
  if (writableBytes === 0) return [];
  return [
    {
      level: writableBytes < negligibleBytes ? 'info' : 'warning',
      code: 'writable-layer',
      subject: name,
      message: `It has written ${writableBytes} bytes outside of its volumes; on ECS it starts from its image, without them.`,
      remedy: `See what they are: docker diff ${name}. Keep what matters with docker commit, or in a volume.`,
    },
  ];
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
