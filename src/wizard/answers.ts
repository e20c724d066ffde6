import type { Settings } from '../config.ts';
import { MigrationError } from '../errors.ts';

/** One setting as a flag says it and a summary shows it: text. The text of an answer is what its flag would say. */
interface Answer {
  readonly flag: string;
  /** What goes after the flag. */
  readonly takes: string;
  readonly about: string;
  /** Undefined where the settings do not say it. */
  readonly read: (settings: Settings) => string | undefined;
  /** Throws MigrationError for what the flag does not take. What the schema refuses is told by `configOf`. */
  readonly write: (settings: Settings, text: string) => Settings;
}

/** How a value is written as text. */
interface Form<T> {
  readonly takes: string;
  readonly print: (value: T) => string;
  readonly parse: (text: string) => T;
}

const word: Form<string> = { takes: 'text', print: String, parse: (text) => text.trim() };

const whole: Form<number> = {
  takes: 'n',
  print: String,
  parse: (text) => (/^\s*\d+\s*$/.test(text) ? Number(text) : refuse(text, 'a whole number')),
};

const yesOrNo: Form<boolean> = {
  takes: 'yes|no',
  print: (value) => (value ? 'yes' : 'no'),
  parse: (text) => (/^(yes|no)$/.test(text.trim()) ? text.trim() === 'yes' : refuse(text, 'yes or no')),
};

const split = (text: string, by: string | RegExp): string[] =>
  text
    .split(by)
    .map((each) => each.trim())
    .filter((each) => each !== '');

const list = (takes: string, by: string | RegExp = ','): Form<string[]> => ({
  takes,
  print: (values) => (values.length === 0 ? 'none' : values.join(',')),
  parse: (text) => (text.trim() === 'none' ? [] : split(text, by)),
});

/** `a=x,b=y`, where `inner` is the form of x and y. */
const record = <T>(takes: string, inner: Omit<Form<T>, 'takes'>): Form<Record<string, T>> => ({
  takes,
  print: (values) =>
    Object.entries(values)
      .map(([key, value]) => `${key}=${inner.print(value)}`)
      .join(','),
  parse: (text) =>
    Object.fromEntries(
      split(text, ',').map((pair) => {
        const at = pair.indexOf('=');
        if (at < 1) refuse(pair, takes);
        return [pair.slice(0, at).trim(), inner.parse(pair.slice(at + 1))];
      }),
    ),
});

const members = record('name=container+container,…', {
  print: (names: string[]) => names.join('+'),
  parse: (text) => split(text, '+'),
});

/** `web:8080=8081,web:9000=9001` */
const ports: Form<Record<string, Record<string, number>>> = {
  takes: 'container:port=host port,…',
  print: (byContainer) =>
    Object.entries(byContainer)
      .flatMap(([name, byPort]) => Object.entries(byPort).map(([port, at]) => `${name}:${port}=${at}`))
      .join(','),
  parse: (text) => {
    const found: Record<string, Record<string, number>> = {};
    for (const each of split(text, ',')) {
      const [, name = refuse(each, ports.takes), port = '', at] = /^([^:=]+):(\d+)=(\d+)$/.exec(each) ?? [];
      found[name] = { ...found[name], [port]: Number(at) };
    }
    return found;
  },
};

type Outside = NonNullable<Settings['outsideVolumes']>[string];

const outside = record<Outside>('container=commit|ignore|PATH,…', {
  print: (value) => (typeof value === 'string' ? value : [value.volume].flat().join('+')),
  parse: (text) => (text === 'commit' || text === 'ignore' ? text : { volume: split(text, '+') }),
});

function refuse(text: string, wanted: string): never {
  throw new MigrationError('answer', `"${text}" is not ${wanted}.`, { hint: `Write ${wanted}.` });
}

/** Says of a setting that it is left to its default. */
export const unset = 'auto';

/** The answer for one key, `instance.type` for a nested one. */
function answer<T>(flag: string, key: string, form: Form<T>, about: string, takes = form.takes): Answer {
  const [outer = '', inner] = key.split('.');
  return {
    flag,
    takes,
    about,
    read: (settings) => {
      const value = valueAt(inner === undefined ? settings : valueAt(settings, outer), inner ?? outer);
      return value === undefined ? undefined : form.print(value as T);
    },
    write: (settings, text) => {
      const value = text === unset || text === '' ? undefined : parsed(flag, form, text);
      const whole = inner === undefined ? value : unlessEmpty(withKey(valueAt(settings, outer), inner, value));
      return withKey(settings, outer, whole) as Settings;
    },
  };
}

function parsed<T>(flag: string, form: Form<T>, text: string): T {
  try {
    return form.parse(text);
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    throw new MigrationError('flags', `--${flag}: ${error.message}`, { hint: error.hint ?? '' });
  }
}

const valueAt = (of: unknown, key: string): unknown => (of as Readonly<Record<string, unknown>> | undefined)?.[key];

function withKey(of: unknown, key: string, value: unknown): Readonly<Record<string, unknown>> {
  const { [key]: _, ...rest } = (of ?? {}) as Record<string, unknown>;
  return value === undefined ? rest : { ...(of as object | undefined), [key]: value };
}

const unlessEmpty = <T extends object>(of: T): T | undefined => (Object.keys(of).length === 0 ? undefined : of);

/** Every question there is, in the order in which they are asked, by the id of its answer. */
export const answers = {
  source: answer('source', 'source', word, 'the droplet: a host alias of your ssh_config, or user@host', 'host'),
  profile: answer('profile', 'profile', word, 'AWS profile; auto: what the environment gives', 'name'),
  region: answer('region', 'region', word, 'AWS region', 'region'),
  name: answer('name', 'name', word, 'name of the migration', 'name'),
  leave: answer('leave', 'leave', list('a,b|none'), 'containers that stay on the droplet'),
  workloads: answer('workloads', 'workloads', members, 'which containers become one task; auto: as proposed'),
  ports: answer('ports', 'ports', ports, 'where others reach a port of a container; auto: as proposed'),
  forward: answer('forward', 'forward', yesOrNo, 'whether the droplet sends visitors on after cut-over'),
  checks: answer('checks', 'checks', list('url,…|none'), 'pages that must answer the same afterwards'),
  type: answer('instance-type', 'instance.type', word, 'EC2 type of the instance', 'type'),
  disk: answer('disk-gib', 'disk.sizeGib', whole, 'size of the data disk'),
  secrets: answer('secrets', 'secrets', word, 'where values that look secret go', 'ssm|secrets-manager|plain'),
  snapshot: answer('snapshot', 'snapshot', word, 'where a copy of the data is kept first', 'local|ebs|none'),
  outside: answer('outside-volumes', 'outsideVolumes', outside, 'data that containers wrote outside of volumes'),
  // A subject may have a comma in it, a code has none.
  accept: answer('accept', 'accept', list('code:subject,…', /,(?=[a-z-]+:)/), 'blockers you have read and accept'),
} as const satisfies Readonly<Record<string, Answer>>;

export type AnswerId = keyof typeof answers;

export const answerIds = Object.keys(answers) as readonly AnswerId[];

/** `--instance-type <type>` */
export const flagOf = (id: AnswerId): string => `--${answers[id].flag} <${answers[id].takes}>`;
