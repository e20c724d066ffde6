import { publishedMappings } from '../ecs/ports.ts';
import type { Container, Inventory, Mount } from '../inventory.ts';
import { aligned } from '../report/aligned.ts';
import { bytes, cutEnd } from '../report/units.ts';

/** What fits in 80 columns beside cursor and checkbox. */
const widths = [15, 18, 8, 20, 7];

const heading = ['CONTAINER', 'IMAGE', 'MEMORY', 'VOLUMES', 'PORTS'];

export interface Row {
  readonly container: string;
  readonly line: string;
  /** All of what the line has no room for. */
  readonly details: string;
}

/** What runs on the source as a table: its heading, and one line for each container. */
export function containersTable(
  containers: readonly Container[],
  { data }: Pick<Inventory, 'data'>,
): { readonly heading: string; readonly rows: readonly Row[] } {
  const cells = containers.map((container) => {
    const mounts = container.inspect.Mounts.map((mount) => sized(mount, data));
    return [
      container.name,
      lastPart(container.imageName),
      memory(container),
      mounts.map(short).join(' '),
      ports(container),
    ];
  });
  const [first = '', ...lines] = aligned([heading, ...cells].map((row) => row.map(cut)));
  const rows = containers.map((container, index) => ({
    container: container.name,
    line: lines[index] ?? '',
    details: details(container, data),
  }));
  return { heading: first, rows };
}

const cut = (cell: string, column: number): string => cutEnd(cell, widths[column] ?? 0);

const memory = ({ running, usage }: Container): string =>
  usage === undefined ? (running ? '' : 'stopped') : bytes(usage.memoryBytes);

interface Sized {
  readonly mount: Mount;
  readonly size: string;
}

const sized = (mount: Mount, data: Inventory['data']): Sized => {
  const found = data.find(({ path }) => path === mount.Source);
  return { mount, size: found === undefined ? '' : bytes(found.bytes) };
};

const nameOf = ({ Name, Source, Destination }: Mount): string => Name || Source || Destination;

const lastPart = (path: string): string => path.split('/').at(-1) ?? path;

const short = ({ mount, size }: Sized): string => `${size || '–'} ${lastPart(nameOf(mount))}`;

/** By the host's port, which is what others know. */
const ports = (container: Container): string =>
  publishedMappings(container)
    .map(({ hostPort, protocol }) => `${hostPort || 'any'}${protocol === 'udp' ? '/udp' : ''}`)
    .join(' ');

function details(container: Container, data: Inventory['data']): string {
  const mounts = container.inspect.Mounts.map((mount) => sized(mount, data));
  const published = publishedMappings(container).map(
    ({ hostPort, containerPort, protocol }) => `${hostPort || 'any'} → ${containerPort}/${protocol}`,
  );
  return [
    `image ${container.imageName}`,
    ...mounts.map(({ mount, size }) => `${nameOf(mount)} at ${mount.Destination}${size && `, ${size}`}`),
    ...(published.length > 0 ? [`ports ${published.join(', ')}`] : []),
  ].join('; ');
}
