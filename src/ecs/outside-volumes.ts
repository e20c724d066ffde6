import type { WantedImage } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Container, Inventory, LayerEntry } from '../inventory.ts';
import { nearest } from '../nearest.ts';
import { bytes, count } from '../report/units.ts';
import { isInside } from './host-paths.ts';
import { imageFor } from './images.ts';
import { isData } from './layers.ts';
import {
  keepsImageLayers,
  type Lift,
  type LiftSettings,
  liftSource,
  measured,
  refusal,
  volumePathsOf,
} from './lifted.ts';
import type { OutsideVolumes } from './workload.ts';

interface Judged {
  readonly findings: readonly Finding[];
  readonly accounting: readonly AccountingRow[];
}

interface Chosen {
  readonly settings: LiftSettings;
  readonly lifts: readonly Lift[];
  readonly images: readonly WantedImage[];
}

/** §0: ECS starts from the image, so what a container wrote outside of its volumes is carried by choice, or stays. */
export function judgeOutsideVolumes(moved: readonly Container[], inventory: Inventory, chosen: Chosen): Judged {
  const judged = moved.map((container) => judge(container, chosen));
  return {
    findings: [...settingFindings(moved, inventory, chosen.settings), ...judged.flatMap(({ findings }) => findings)],
    accounting: judged.flatMap(({ accounting }) => accounting),
  };
}

function judge(container: Container, chosen: Chosen): Judged {
  const choice = chosen.settings.outsideVolumes?.[container.name];
  const { layer } = container;
  if (choice === 'commit') return committed(container, imageFor(container, chosen.images));
  if (layer === undefined) return unchecked(container, choice);
  const own = chosen.lifts.filter((lift) => lift.container === container.name);
  const left = layer.filter(({ path }) => !own.some((lift) => isInside(path, lift.path)));
  const row = rowOf(container, own, left, choice);
  const findings = choice === 'ignore' || left.length === 0 ? [] : [stays(container, left, choice)];
  return { findings, accounting: layer.length === 0 ? [] : [row] };
}

function committed(container: Container, image: WantedImage | undefined): Judged {
  const { name } = container;
  const row = { ...emptyRow(container), outcome: 'mapped', target: `image: ${image?.reference}` } as const;
  const once: Finding = {
    level: 'warning',
    code: 'committed-once',
    subject: name,
    message:
      'What it wrote outside of its volumes is committed into its image once, when the images are pushed; what it writes there after that stays behind.',
    remedy: `For a directory that it goes on writing to, choose "outsideVolumes: { ${name}: { volume: PATH } }".`,
  };
  const findings = [once, ...(keepsImageLayers(container.inspect) ? [] : [cannotCommit(name)])];
  const wrote = container.layer === undefined ? container.writableBytes > 0 : container.layer.length > 0;
  return { findings, accounting: wrote ? [row] : [] };
}

const cannotCommit = (subject: string): Finding => ({
  level: 'blocker',
  code: 'cannot-commit',
  subject,
  message:
    'The engine keeps its images in containerd, where ecsodus cannot commit without the container’s secrets in the image.',
  remedy: 'Put the data into a volume on the source (docker cp), and start the container with it.',
});

/** Below this the writable layer holds pid files and caches, and hardly data. */
const negligibleBytes = 1024 ** 2;

function unchecked(container: Container, choice: OutsideVolumes | undefined): Judged {
  const { name, writableBytes } = container;
  if (writableBytes === 0) return { findings: [], accounting: [] };
  const finding: Finding = {
    level: writableBytes < negligibleBytes ? 'info' : 'blocker',
    code: 'writable-layer',
    subject: name,
    message: `It has written ${bytes(writableBytes)} outside of its volumes, and it was not checked what that is; on ECS it starts from its image, without it.`,
    remedy: `See what it is: docker diff ${name}. Then write "outsideVolumes: { ${name}: commit }" or "ignore" into ecsodus.yaml.`,
  };
  const note = choice === 'ignore' ? 'ignored, as ecsodus.yaml says' : 'not checked';
  return {
    findings: choice === undefined ? [finding] : [],
    accounting: [{ ...emptyRow(container), outcome: 'lost', note }],
  };
}

function rowOf(
  container: Container,
  lifts: readonly Lift[],
  left: readonly LayerEntry[],
  choice: OutsideVolumes | undefined,
): AccountingRow {
  const target = lifts.map(({ volume, path }) => `volume ${volume} at ${path}`).join(', ');
  const lost = left.some(isData);
  const rest =
    left.length === 0 ? '' : `${lost ? 'stays on the source' : 'left behind, to be made anew'}: ${list(left)}`;
  // Pid files and caches are no loss, but they are not there at the start.
  const outcome = lost ? 'lost' : lifts.length > 0 ? 'mapped' : 'approximated';
  const note = choice === 'ignore' ? `ignored, as ecsodus.yaml says: ${list(left)}` : rest;
  return { ...emptyRow(container), outcome, target, note };
}

const emptyRow = (container: Container) => ({
  container: container.name,
  setting: 'Layer',
  value: container.layer === undefined ? bytes(container.writableBytes) : sizeOf(container.layer),
  target: '',
  note: '',
});

function stays(container: Container, left: readonly LayerEntry[], choice: OutsideVolumes | undefined): Finding {
  const { name } = container;
  const data = left.filter(isData);
  const already = volumePathsOf(choice);
  if (data.length === 0) {
    return {
      level: 'info',
      code: 'writable-layer',
      subject: name,
      message: `What it wrote outside of its volumes is made anew on ECS and stays behind: ${list(left)}.`,
    };
  }
  const without = already.length === 0 ? 'outside of its volumes' : `beside ${already.join(', ')}`;
  return {
    level: 'blocker',
    code: 'data-outside-volumes',
    subject: name,
    message: `It has written ${sizeOf(data)} ${without} that look like data; on ECS it starts from its image, without them: ${list(data)}.`,
    remedy: already.length === 0 ? threeWays(name, data) : widen(name, already, data),
  };
}

const threeWays = (name: string, data: readonly LayerEntry[]): string =>
  `Write one of these into ecsodus.yaml: "outsideVolumes: { ${name}: commit }" puts all of it into its image; ` +
  `"outsideVolumes: { ${name}: { volume: ${likelyVolume(data)} } }" makes a directory a volume; ` +
  `"outsideVolumes: { ${name}: ignore }" leaves it behind.`;

const widen = (name: string, already: readonly string[], data: readonly LayerEntry[]): string =>
  `Write "outsideVolumes: { ${name}: { volume: [${[...already, likelyVolume(data)].join(', ')}] } }" into ecsodus.yaml, ` +
  `or "outsideVolumes: { ${name}: commit }" for all of it; or leave the rest behind: accept: ["data-outside-volumes:${name}"].`;

/** The largest that is a directory; else the directory of the largest. */
function likelyVolume(data: readonly LayerEntry[]): string {
  const directory = data.find((entry) => entry.directory && entry.path.lastIndexOf('/') > 0)?.path;
  const first = data[0]?.path ?? '';
  return directory ?? (first.slice(0, first.lastIndexOf('/')) || 'PATH');
}

const shownAtMost = 5;

/** The largest, by name and size. */
function list(entries: readonly LayerEntry[]): string {
  const rest = entries.slice(shownAtMost);
  const shown = entries.slice(0, shownAtMost).map((entry) => {
    const size = entry.kind === 'deleted' ? 'deleted' : bytes(entry.bytes);
    return `${entry.path} (${size}${entry.entries > 1 ? `, ${count(entry.entries, 'file')}` : ''})`;
  });
  return [...shown, ...(rest.length > 0 ? [`and ${sizeOf(rest)} more`] : [])].join(', ');
}

function sizeOf(entries: readonly LayerEntry[]): string {
  const sum = (of: (entry: LayerEntry) => number) => entries.reduce((total, entry) => total + of(entry), 0);
  return `${count(
    sum((entry) => entry.entries),
    'file',
  )} with ${bytes(sum((entry) => entry.bytes))}`;
}

/** What ecsodus.yaml says of containers or directories that are not there. */
function settingFindings(moved: readonly Container[], inventory: Inventory, settings: LiftSettings): Finding[] {
  const names = inventory.containers.map(({ name }) => name);
  const unknown = Object.keys(settings.outsideVolumes ?? {}).filter((name) => !names.includes(name));
  return [
    ...unknown.map((name) => misnamed(name, `there is no container ${name}`, nearest(name, names))),
    ...moved.flatMap((container) =>
      volumePathsOf(settings.outsideVolumes?.[container.name]).flatMap((path) => {
        const found = measured(inventory, liftSource(settings.name, container.name, path));
        const why = refusal(container, path, found);
        if (why === undefined) return [];
        const near = found?.kind === 'missing' ? nearest(path, directoriesOf(container)) : undefined;
        return [misnamed(container.name, `its ${path} ${why}`, near)];
      }),
    ),
  ];
}

const directoriesOf = ({ layer = [] }: Container): string[] => [
  ...new Set(layer.flatMap(({ path, directory }) => (directory ? [path] : [path.slice(0, path.lastIndexOf('/'))]))),
];

const misnamed = (subject: string, what: string, near: string | undefined): Finding => ({
  level: 'blocker',
  code: 'outside-volumes-setting',
  subject,
  message: `outsideVolumes in ecsodus.yaml cannot be followed: ${what}.`,
  remedy: near === undefined ? 'Mend that line in ecsodus.yaml.' : `Did you mean "${near}"?`,
});
