import { type Document, isMap, parseDocument, Scalar, YAMLMap } from 'yaml';
import { type Config, configSchema, parseConfig, type Settings } from '../config.ts';
import { wrap } from './wrap.ts';

/** What a JSON Schema says of one key. */
interface About {
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, About>>;
}

type Plain = Readonly<Record<string, unknown>>;

const schema = configSchema() as About;

/** Begins the list of keys that are not set. It is made anew each time, and all else in the file is left as it is. */
const others = '# Not set here, each with what it would mean:';

/**
 * ecsodus.yaml with these settings and a comment on each key: what it means, and what else it could be. Of the file there
 * was before, whatever its settings do not change stays as it was written, comments too.
 */
export function settingsFile(settings: Settings, before = ''): string {
  const document = parseDocument(before.split(`${others}\n`)[0] ?? '');
  if (!isMap(document.contents))
    document.contents = new YAMLMap(document.schema) as unknown as typeof document.contents;
  merge(document.contents as unknown as YAMLMap, settings, schema, document);
  const written = document.toString({ lineWidth: 0 }).trimEnd();
  const unset = unsetKeys(settings, schema).flatMap(([key, about]) => comment(`  ${key}: ${meaning(about)}`, '      '));
  return `${[written, '', others, ...unset].join('\n')}\n`;
}

/** The settings of a file that `parseConfig` takes, as they are written there. */
export const settingsIn = (text: string): Settings => (parseDocument(text).toJS() ?? {}) as Settings;

/** The migration these settings describe: what the file with them says. `source` stands in while there is none. */
export const configOf = (settings: Settings, file?: string, source?: string): Config =>
  parseConfig(settingsFile(settings), file, source === undefined ? {} : { source });

function merge(map: YAMLMap, wanted: Plain, about: About, document: Document): void {
  const had = map.toJS(document) as Plain;
  for (const key of Object.keys(had)) if (wanted[key] === undefined) map.delete(key);
  for (const key of ordered(wanted, about)) {
    const [value, said] = [wanted[key], about.properties?.[key] ?? {}];
    if (JSON.stringify(value) === JSON.stringify(had[key])) continue;
    if (map.has(key)) change(map, key, value, said, document);
    else map.add(newPair(key, value, said, document));
  }
}

/** A plain value goes into the node that is there, which has the comment beside it. */
function change(map: YAMLMap, key: string, value: unknown, about: About, document: Document): void {
  const node = map.get(key);
  if (isMap(node) && isPlain(value)) merge(node as YAMLMap, value, about, document);
  else map.set(key, typeof value === 'object' ? document.createNode(value) : value);
}

function newPair(key: string, value: unknown, about: About, document: Document) {
  const name = new Scalar(key);
  if (about.properties === undefined)
    name.commentBefore = wrap(meaning(about), '')
      .map((line) => ` ${line}`)
      .join('\n');
  if (about.properties === undefined || !isPlain(value)) return document.createPair(name, value);
  const inner = new YAMLMap(document.schema);
  merge(inner, value, about, document);
  return document.createPair(name, inner);
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** In the order of the schema. */
const ordered = (wanted: Plain, { properties = {} }: About): readonly string[] =>
  Object.keys(properties).length === 0
    ? Object.keys(wanted)
    : Object.keys(properties).filter((key) => wanted[key] !== undefined);

/** `instance.setup`, not `instance`. */
const unsetKeys = (settings: Plain, { properties = {} }: About, prefix = ''): (readonly [string, About])[] =>
  Object.entries(properties).flatMap(([key, about]) => {
    const value = settings[key];
    if (about.properties !== undefined) return unsetKeys(isPlain(value) ? value : {}, about, `${prefix}${key}.`);
    return value === undefined ? [[`${prefix}${key}`, about] as const] : [];
  });

function meaning({ description = '', enum: values, default: usual }: About): string {
  const oneOf = values === undefined ? [] : [`One of: ${values.join(', ')}.`];
  const isNothing = usual === undefined || JSON.stringify(usual) === '[]' || JSON.stringify(usual) === '{}';
  const otherwise = isNothing ? [] : [`Default: ${String(usual)}.`];
  return [description, ...oneOf, ...otherwise].join(' ');
}

const comment = (text: string, indent: string): string[] => wrap(text, indent).map((line) => `# ${line}`);
