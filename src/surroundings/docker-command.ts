import type { EcsNames } from './ecs-names.ts';

/** A command as it has to read on the instance. */
export interface Translated {
  readonly command: string;
  /** Whether it calls Docker for containers at all. */
  readonly isAboutDocker: boolean;
  /** What has to be changed by hand. */
  readonly problems: readonly string[];
}

/** Options of `docker exec`, `kill`, `stop` and `compose` that are followed by a value. */
const withValue =
  /^(-e|--env|--env-file|-u|--user|-w|--workdir|--detach-keys|-s|--signal|-t|--time|--timeout|-f|--file|-p|--project-name|--project-directory|--index|--tail|-n|--since|--until)$/;

/** Whether a command or a script's line starts containers that were stopped. */
export const startsAgain = (command: string): boolean =>
  /(^|[^\w.-])docker(-compose)?\s+((compose|container)\s+|-\S+\s+([^-\s]\S*\s+)?)*(start|restart|up)\b/.test(command);

const onContainers = /^(exec|kill|stop|restart|pause|unpause|logs|inspect|top|port|update|wait|attach)$/;
const cleaning = /^(system|image|container|builder|volume|network)$/;

/** Replaces the containers' old names by a search for their label; works within quotes, too. Pure text, nothing is run. */
export function forInstance(command: string, names: EcsNames): Translated {
  const words = command.split(/(\s+|[;|&()`<>\n]+|"(?:[^"\\]|\\.)*"|'[^']*')/).filter((word) => word !== '');
  const state = { words: [...words], problems: [] as string[], isAboutDocker: false };
  words.forEach((word, index) => {
    if (/^["'].*\sdocker(-compose)?\s|^["']docker(-compose)?\s/s.test(word)) within(index, state, names);
    else if (/^(\S*\/)?docker$/.test(word)) call(index, state, names);
    else if (/^(\S*\/)?docker-compose$/.test(word)) compose(index, index + 1, state, names);
  });
  return { command: state.words.join(''), isAboutDocker: state.isAboutDocker, problems: state.problems };
}

interface State {
  readonly words: string[];
  readonly problems: string[];
  isAboutDocker: boolean;
}

function within(index: number, state: State, names: EcsNames): void {
  const word = state.words[index] ?? '';
  const inner = forInstance(word.slice(1, -1), names);
  state.words[index] = `${word[0]}${inner.command}${word[0]}`;
  state.problems.push(...inner.problems);
  state.isAboutDocker ||= inner.isAboutDocker;
}

/** Places of the words of one command, up to the next operator. */
function argumentsFrom(start: number, words: readonly string[]): number[] {
  const places: number[] = [];
  for (let index = start; index < words.length && !/^[;|&)`<>\n]/.test(words[index] ?? ''); index++) {
    if (!/^\s+$/.test(words[index] ?? '')) places.push(index);
  }
  return places;
}

function call(index: number, state: State, names: EcsNames): void {
  const [verbAt = -1, ...rest] = argumentsFrom(index + 1, state.words);
  const verb = state.words[verbAt] ?? '';
  state.isAboutDocker = true;
  if (verb === 'compose') compose(index, verbAt + 1, state, names);
  else if (verb === 'ps') for (const at of rest) filterByName(at, state, names);
  else if (verb === 'cp') for (const at of rest) replace(at, /^(["']?)([\w.-]+)(?=:)/, state, names);
  else if (onContainers.test(verb)) renameAll(verbAt, rest, state, names);
  else if (!cleaning.test(verb)) state.problems.push(withoutCounterpart(verb));
}

function renameAll(verbAt: number, places: readonly number[], state: State, names: EcsNames): void {
  const targets = operands(places, state.words);
  const verb = state.words[verbAt];
  if (verb === 'restart') state.words[verbAt] = 'stop'; // the service starts a new one
  for (const at of verb === 'exec' ? targets.slice(0, 1) : targets) rename(at, state, names);
}

const withoutCounterpart = (verb: string): string =>
  verb === 'start'
    ? 'docker start: ECS starts its containers itself, leave that out'
    : `docker ${verb}: nothing of ECS’s knows of it, write it anew`;

/** Words that are neither options nor their values. */
const operands = (places: readonly number[], words: readonly string[]): number[] =>
  places.filter((at, index) => {
    const before = words[places[index - 1] ?? -1] ?? '';
    return !(words[at] ?? '').startsWith('-') && !withValue.test(before);
  });

function rename(at: number, state: State, names: EcsNames): void {
  const word = state.words[at] ?? '';
  if (word.startsWith('$')) return; // $(docker ps …) is a call of its own
  const name = word.replace(/["']/g, '');
  const found = names.lookup(name);
  if (found === undefined) state.problems.push(`${name} is no container that moves`);
  else state.words[at] = `$(docker ps -q ${found})`;
}

function replace(at: number, pattern: RegExp, state: State, names: EcsNames): void {
  state.words[at] = (state.words[at] ?? '').replace(pattern, (whole, quote: string, name: string) => {
    const found = names.lookup(name);
    return found === undefined ? whole : `${quote}$(docker ps -q ${found})`;
  });
}

/** `-f name=web`, `--filter=name=^/web$` */
function filterByName(at: number, state: State, names: EcsNames): void {
  state.words[at] = (state.words[at] ?? '').replace(
    /^(--filter=)?(["']?)name=\^?\/?([\w.-]+)\$?\2$/,
    (whole, _, __, name: string) => names.lookup(name)?.replace('--filter ', '') ?? whole,
  );
}

function compose(from: number, start: number, state: State, names: EcsNames): void {
  state.isAboutDocker = true;
  const places = argumentsFrom(start, state.words);
  const [verbAt = -1, ...targets] = operands(places, state.words);
  const verb = state.words[verbAt] ?? '';
  const projectAt = places.findIndex((at) => /^(-p|--project-name)$/.test(state.words[at] ?? ''));
  const project = projectAt < 0 ? undefined : state.words[places[projectAt + 1] ?? -1];
  const services = verb === 'exec' ? targets.slice(0, 1) : targets;
  const containers = services.map((at) => names.composed(state.words[at] ?? '', project));
  if (!/^(exec|kill|stop|restart|logs)$/.test(verb) || services.length === 0 || containers.includes(undefined)) {
    state.problems.push(`docker compose ${verb}: there is no compose project on the instance, write it anew`);
    return;
  }
  for (let index = from; index <= verbAt; index++) state.words[index] = '';
  state.words[from] = `docker ${verb === 'restart' ? 'stop' : verb}`;
  services.forEach((at, index) => {
    state.words[at] = containers[index] ?? '';
    rename(at, state, names);
  });
  for (const at of places) if (state.words[at] === '-T') state.words[at] = '-i'; // compose keeps standard input open
}
