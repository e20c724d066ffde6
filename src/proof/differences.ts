/** One entry of a manifest: its name below the dataset's root, and everything that must be the same on both sides. */
export interface ManifestEntry {
  readonly name: Buffer;
  readonly visible: string;
}

/** Reads a manifest as it arrives: name, visible part and what one host alone knows, each ended by a NUL. */
export async function* manifestEntries(pieces: AsyncIterable<Buffer>): AsyncGenerator<ManifestEntry> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (;;) {
      const name = rest.indexOf(0, from);
      const visible = name < 0 ? -1 : rest.indexOf(0, name + 1);
      const end = visible < 0 ? -1 : rest.indexOf(0, visible + 1);
      if (end < 0) break;
      yield { name: rest.subarray(from, name), visible: rest.toString('latin1', name + 1, visible) };
      from = end + 1;
    }
    rest = rest.subarray(from);
  }
}

/** What is said of an entry that one of two manifests has alone. */
interface Alone {
  readonly first: string;
  readonly second: string;
}

/** One entry that two manifests do not share. */
export interface Difference {
  readonly name: Buffer;
  /** For people: the entry and what differs; empty for a further name of a file that differs under its first. */
  readonly line: string;
}

/**
 * What two manifests do not share, in their order; at most `limit` entries. Both are read once, side by
 * side, so that memory does not grow with them.
 */
export async function differences(
  source: AsyncIterable<ManifestEntry>,
  target: AsyncIterable<ManifestEntry>,
  limit: number,
  alone: Alone = { first: 'on the source only', second: 'on the target only' },
): Promise<Difference[]> {
  const found: Difference[] = [];
  const firstNames = new Set<string>();
  for await (const [here, there] of sideBySide(source, target)) {
    const { name, visible } = (here ?? there) as ManifestEntry;
    if (here?.visible !== there?.visible) {
      found.push({ name, line: described(here, there, alone) });
      firstNames.add(quoted(name));
    } else if (visible.startsWith(furtherName) && firstNames.has(visible.slice(furtherName.length)))
      found.push({ name, line: '' });
    if (found.length === limit) break;
  }
  return found;
}

type Pair = readonly [ManifestEntry | undefined, ManifestEntry | undefined];

/** Entries of one name together; undefined where one side has none of that name. */
async function* sideBySide(
  source: AsyncIterable<ManifestEntry>,
  target: AsyncIterable<ManifestEntry>,
): AsyncGenerator<Pair> {
  const [left, right] = [source[Symbol.asyncIterator](), target[Symbol.asyncIterator]()];
  const next = async (side: AsyncIterator<ManifestEntry>): Promise<ManifestEntry | undefined> => {
    const { done, value } = await side.next();
    return done ? undefined : value;
  };
  let [here, there] = [await next(left), await next(right)];
  while (here !== undefined || there !== undefined) {
    const side = here === undefined ? 1 : there === undefined ? -1 : order(here.name, there.name);
    yield [side <= 0 ? here : undefined, side >= 0 ? there : undefined];
    if (side <= 0) here = await next(left);
    if (side >= 0) there = await next(right);
  }
}

function described(here: ManifestEntry | undefined, there: ManifestEntry | undefined, alone: Alone): string {
  if (here === undefined) return there === undefined ? '' : `${shown(there.name)}: ${alone.second}`;
  if (there === undefined) return `${shown(here.name)}: ${alone.first}`;
  return `${shown(here.name)}: ${changed(here.visible, there.visible)}`;
}

const furtherName = 'same-file-as=';

/** As manifest.py writes a name within a line. */
const quoted = (name: Buffer): string =>
  name
    .toString('latin1')
    .replace(/[^A-Za-z0-9_./@:+,-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

/** As manifest.py walks: depth first, the names of one directory by their bytes. */
function order(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const [a, b] = [one[index], other[index]];
    if (a !== b) return rank(a) - rank(b);
  }
  return one.length - other.length;
}

const slash = 0x2f;
const rank = (byte: number | undefined): number => (byte === slash ? -1 : (byte ?? 0));

/** The fields that differ, source → target; a field is `name=value` but for the first, the kind. */
function changed(source: string, target: string): string {
  const [before, after] = [fieldsOf(source), fieldsOf(target)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} ${before.get(name) ?? 'none'} → ${after.get(name) ?? 'none'}`)
    .join(', ');
}

const fieldsOf = (visible: string): Map<string, string> =>
  new Map(
    visible.split(' ').map((field) => {
      const at = field.lastIndexOf('=');
      return at < 0 ? ['kind', field] : [field.slice(0, at), field.slice(at + 1)];
    }),
  );

/** Names are bytes: what is no plain text is written as %XX. */
const shown = (name: Buffer): string =>
  name.length === 0 ? '(the dataset itself)' : encodeURI(name.toString('utf8')).replaceAll('%20', ' ');
