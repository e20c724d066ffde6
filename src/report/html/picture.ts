import { cutEnd } from '../units.ts';
import type { Drawn } from './drawn.ts';
import { type Html, html, nothing } from './html.ts';

/** Distances in the drawing. Narrow, so that it can be read on a phone. */
const size = { width: 400, rowHeight: 46, gap: 12, taskHead: 24, taskPad: 8, dataHeight: 20, dataStep: 24 } as const;
const box = { left: 62, width: 178 } as const;
const data = { left: 266, width: 120 } as const;

interface Placed {
  readonly container: Drawn;
  readonly top: number;
  readonly height: number;
}

interface PlacedTask {
  readonly name: string;
  readonly idle: boolean;
  readonly rows: readonly Placed[];
  readonly top: number;
  readonly height: number;
}

interface PlacedData {
  readonly name: string;
  readonly top: number;
}

export interface Layout {
  readonly tasks: readonly PlacedTask[];
  readonly data: readonly PlacedData[];
  readonly height: number;
}

/** Where everything stands: the same places before and after, so that the eye finds each container again. */
export function layOut(containers: readonly Drawn[]): Layout {
  const tasks: PlacedTask[] = [];
  const placed: PlacedData[] = [];
  let top = 40;
  for (const name of [...new Set(containers.map(({ task }) => task))]) {
    const start = top;
    top += size.taskHead;
    const rows = containers
      .filter(({ task }) => task === name)
      .map((container): Placed => {
        const own = container.datasets.filter((each) => !placed.some((other) => other.name === each));
        placed.push(...own.map((each, index) => ({ name: each, top: top + 2 + index * size.dataStep })));
        const row = { container, top, height: Math.max(size.rowHeight, own.length * size.dataStep) };
        top += row.height + size.gap;
        return row;
      });
    top += size.taskPad - size.gap;
    tasks.push({ name, idle: rows.some(({ container }) => container.idle), rows, top: start, height: top - start });
    top += size.gap;
  }
  return { tasks, data: placed, height: top + 4 };
}

interface Picture {
  readonly id: string;
  readonly title: string;
  /** All that is to be seen, in words. */
  readonly description: string;
  /** Of the host. */
  readonly label: string;
  readonly layout: Layout;
  /** With the tasks, the disk, and the ports between tasks; else the droplet. */
  readonly isAfter: boolean;
}

/** One host with what runs on it: who calls whom on the left, containers, and their data on the right. */
export function picture({ id, title, description, label, layout, isAfter }: Picture): Html {
  const rows = layout.tasks.flatMap((task) => task.rows);
  return html`<svg viewBox="0 0 ${size.width} ${layout.height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
<rect class="host" x="1" y="1" width="${size.width - 2}" height="${layout.height - 2}" rx="10"/>
<text class="name" x="14" y="25">${label}</text>
${isAfter ? disk(layout) : nothing}
${isAfter ? layout.tasks.map(taskFrame) : nothing}
${rows.flatMap((row) => row.container.datasets.map((name) => mountLine(row, name, layout)))}
${layout.data.map(cylinder)}
${rows.map((row) => containerBox(row, isAfter))}
${rows.flatMap((row) => row.container.calls.map((call) => callArc(row, call, rows)))}
</svg>`;
}

const taskFrame = ({ name, idle, top, height }: PlacedTask): Html =>
  html`<rect class="task${idle ? ' idle' : ''}" x="${box.left - 8}" y="${top}" width="${box.width + 16}" height="${height}" rx="8"/>
<text class="small" x="${box.left}" y="${top + 15}">task ${cutEnd(name, 26)}</text>`;

const disk = ({ data: placed, height }: Layout): Html =>
  placed.length === 0
    ? nothing
    : html`<rect class="disk" x="${data.left - 9}" y="14" width="${data.width + 18}" height="${height - 26}" rx="10"/>
<text class="name" x="${data.left}" y="34">/data, a disk</text>`;

function containerBox({ container, top, height }: Placed, isAfter: boolean): Html {
  const { name, image, ports, innerPorts, idle } = container;
  const right = box.left + box.width - 8;
  const shown = isAfter ? innerPorts : [];
  const tag = [
    ...ports.map((port) => html`<tspan>:${port} </tspan>`),
    ...shown.map((port) => html`<tspan class="port inner">:${port} </tspan>`),
  ];
  return html`<g><title>${name}</title>
<rect class="box${idle ? ' idle' : ''}" x="${box.left}" y="${top}" width="${box.width}" height="${height}" rx="6"/>
<text class="name" x="${box.left + 9}" y="${top + 19}">${cutEnd(name, 23)}</text>
<text class="small" x="${box.left + 9}" y="${top + 36}">${cutEnd(image, tag.length > 2 ? 10 : 16)}</text>
<text class="port" x="${right}" y="${top + 36}" text-anchor="end">${tag}</text></g>`;
}

const cylinder = ({ name, top }: PlacedData): Html =>
  html`<g><title>${name}</title>
<rect class="data" x="${data.left}" y="${top}" width="${data.width}" height="${size.dataHeight}" rx="9"/>
<text class="small" x="${data.left + 9}" y="${top + 14}">${tail(shortData(name), 17)}</text></g>`;

function mountLine({ top, height }: Placed, name: string, layout: Layout): Html {
  const to = layout.data.find((each) => each.name === name);
  if (to === undefined) return nothing;
  const end = to.top + size.dataHeight / 2;
  const start = Math.min(Math.max(end, top + 8), top + height - 8);
  const [x1, x2] = [box.left + box.width, data.left];
  const middle = (x1 + x2) / 2;
  return html`<path class="mount" d="M${x1} ${start} C${middle} ${start} ${middle} ${end} ${x2} ${end}"/>`;
}

/** The farther apart, the wider the bow. */
function callArc(from: Placed, { callee, reached }: Drawn['calls'][number], rows: readonly Placed[]): Html {
  const to = rows.find(({ container }) => container.name === callee);
  if (to === undefined || to === from) return nothing;
  const down = to.top > from.top;
  const y1 = from.top + from.height / 2 + (down ? 6 : -6);
  const y2 = to.top + to.height / 2 + (down ? -4 : 4);
  const bow = box.left - 12 - Math.min(66, 14 + Math.abs(y2 - y1) / 7);
  const cut = reached ? '' : ' cut';
  return html`<path class="call${cut}" d="M${box.left} ${y1} C${bow} ${y1} ${bow} ${y2} ${box.left - 6} ${y2}"/>
<path class="tip${cut}" d="M${box.left} ${y2} l-8 -4 v8 z"/>`;
}

/** `volumes/blog-db` → `blog-db`, `binds/srv/www` → `/srv/www` */
const shortData = (name: string): string => name.replace(/^volumes\//, '').replace(/^binds\//, '/');

const tail = (name: string, most: number): string => (name.length <= most ? name : `…${name.slice(1 - most)}`);
