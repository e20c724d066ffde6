import { type Config, nameFor, type Settings } from '../config.ts';
import { isInterrupted, MigrationError } from '../errors.ts';
import { unset } from './answers.ts';
import type { Choice, Question } from './question.ts';
import { type Machine, reachQuestions } from './reach-questions.ts';
import { configOf } from './settings-file.ts';
import { changing, lookAgain, settleQuestions } from './settle-questions.ts';
import { shapeQuestions } from './shape-questions.ts';
import { designedAnew, type Sight } from './sight.ts';
import { wrap } from './wrap.ts';

/** Asks on the terminal. Undefined is Escape: back to the question before. */
export interface Asker {
  readonly one: (message: string, choices: readonly Choice[], at: string | undefined) => Promise<string | undefined>;
  /** The values of the rows that are ticked. */
  readonly many: (
    message: string,
    columns: string,
    rows: readonly Tickable[],
  ) => Promise<readonly string[] | undefined>;
  /** `refuse` says what is wrong with a text, or nothing. */
  readonly text: (
    message: string,
    at: string | undefined,
    refuse: (text: string) => string | undefined,
  ) => Promise<string | undefined>;
  readonly say: (lines: readonly string[]) => void;
  readonly sayError: (error: MigrationError) => void;
}

interface Tickable extends Choice {
  readonly checked: boolean;
}

/** Looks at the source and at AWS, by the settings so far. */
export interface Eyes {
  /** Whether an answer leads where it should, told in a line; undefined where there is nothing to check. */
  readonly check: (id: string, settings: Settings) => Promise<string | undefined>;
  /** What was seen last, where source, account and name are still the same; else a look. */
  readonly seen: (config: Config) => Promise<Sight>;
  /** With exactly these settings. */
  readonly look: (config: Config) => Promise<Sight>;
  /** What was seen is not so any more. */
  readonly forget: () => void;
}

interface World {
  readonly machine: Machine;
  readonly eyes: Eyes;
  /** The answers that flags gave: they are not asked for. */
  readonly given: ReadonlySet<string>;
}

/** All questions that can be asked by now: the next ones need what those before them answer. */
async function questionsNow(
  settings: Settings,
  { machine, eyes }: World,
  isOpen: (question: Question) => boolean,
): Promise<readonly Question[]> {
  const reaching = reachQuestions(settings, machine);
  if (reaching.some(isOpen)) return reaching;
  const config = configOf(settings);
  const shaping = [...reaching, ...shapeQuestions(settings, designedAnew(await eyes.seen(config), config))];
  if (shaping.some(isOpen)) return shaping;
  return [...shaping, ...settleQuestions(settings, await eyes.look(config))];
}

/** Of several of a kind a flag may have answered some. */
const isGiven = ({ id, said }: Question, given: ReadonlySet<string>): boolean =>
  given.has(id) || (said !== undefined && given.has(id.split(':')[0] ?? ''));

/** Nobody is asked: each answer is the earlier one, else the proposed one. Throws with the flags that are missing. */
export async function answerAll(start: Settings, world: World): Promise<Settings> {
  let settings = start;
  const answered = new Set<string>();
  const isOpen = (question: Question) => !answered.has(question.id) && !isGiven(question, world.given);
  for (;;) {
    const open = (await questionsNow(settings, world, isOpen)).filter(isOpen);
    if (open.length === 0) return settings;
    const missing = open.filter(({ said, proposed }) => (said ?? proposed) === undefined);
    if (missing.length > 0) throw unanswered(missing);
    // One by one: what is proposed next may hang on this one.
    const [question] = open;
    if (question === undefined) return settings;
    answered.add(question.id);
    settings = question.answer(settings, question.said ?? question.proposed ?? '');
  }
}

const unanswered = (questions: readonly Question[]): MigrationError =>
  new MigrationError(
    'unanswered',
    questions.length === 1 ? 'An answer is missing.' : `${questions.length} answers are missing.`,
    {
      evidence: questions.flatMap(({ message, reasons }) => [message, ...reasons]),
      hint: `Give ${questions.length === 1 ? 'it' : 'them'} with ${questions.map(({ flag }) => flag).join(' ')}`,
    },
  );

interface Progress {
  readonly settings: Settings;
  /** Ids of the questions that were asked, in their order. */
  readonly asked: readonly string[];
}

/** Asks until the operator says that it is right so. Escape goes back; at the summary each answer can be changed. */
export async function askAll(start: Settings, world: World, ask: Asker): Promise<Settings> {
  let progress: Progress = { settings: start, asked: [] };
  for (;;) {
    try {
      const next = await goOn(progress, world, ask);
      if (next === 'done') return progress.settings;
      progress = next;
    } catch (error) {
      if (!(error instanceof MigrationError) || isInterrupted(error) || progress.asked.length === 0) throw error;
      ask.sayError(error);
      progress = back(progress);
    }
  }
}

const back = ({ settings, asked }: Progress): Progress => ({ settings, asked: asked.slice(0, -1) });

/** The next question, or the summary where none is left. */
async function goOn(progress: Progress, world: World, ask: Asker): Promise<Progress | 'done'> {
  const isOpen = (question: Question) => !progress.asked.includes(question.id) && !isGiven(question, world.given);
  const questions = await questionsNow(progress.settings, world, isOpen);
  const next = questions.find(isOpen);
  if (next !== undefined) return (await change(progress, next, questions, world, ask)) ?? back(progress);
  const chosen = await review(questions, ask);
  if (chosen === written) return 'done';
  const question = questions.find(({ id }) => id === chosen);
  if (question === undefined) return back(progress);
  return (await change(progress, question, questions, world, ask)) ?? progress;
}

/** Undefined where the operator went back. */
async function change(
  progress: Progress,
  question: Question,
  questions: readonly Question[],
  world: World,
  ask: Asker,
): Promise<Progress | undefined> {
  const { settings, asked } = progress;
  const answer = await askOne(question, settings, world, ask);
  if (answer === undefined) return undefined;
  if (answer === lookAgain) {
    world.eyes.forget();
    return progress;
  }
  const other = questions.find(({ id }) => answer === `${changing}${id}`);
  if (other !== undefined) return (await change(progress, other, questions, world, ask)) ?? progress;
  const after = question.answer(settings, answer);
  if (question.id === 'source' && after.source !== settings.source)
    return { settings: ofSource(after, settings), asked: ['source'] };
  return { settings: after, asked: [...asked.filter((id) => id !== question.id), question.id] };
}

/** What an earlier answer said of another droplet's containers says nothing of these. */
function ofSource(settings: Settings, { source, name }: Settings): Settings {
  if (source === undefined) return settings;
  const { leave, workloads, ports, outsideVolumes, snapshotBy, accept, ...rest } = settings;
  return name === nameFor(source) ? { ...rest, name: undefined } : rest;
}

/** Chosen at the summary. No id of a question. */
const written = 'write';

async function review(questions: readonly Question[], ask: Asker): Promise<string | undefined> {
  const width = Math.max(...questions.map(({ title }) => title.length));
  const lines = questions.map(({ id, title, said, choices }) => ({
    value: id,
    name: `${title.padEnd(width)}  ${said ?? choices.find(({ value }) => value === unset)?.name ?? '–'}`,
    description: 'Enter asks this again.',
  }));
  return ask.one('Is this right?', [{ value: written, name: 'Yes: write it down' }, ...lines], written);
}

async function askOne(question: Question, settings: Settings, world: World, ask: Asker): Promise<string | undefined> {
  ask.say(['', ...question.reasons]);
  for (;;) {
    const answer = await answerOf(question, settings, ask);
    if (answer === undefined) return undefined;
    try {
      const line = await world.eyes.check(question.id, question.answer(settings, answer));
      if (line !== undefined) ask.say(wrap(line));
      return answer;
    } catch (error) {
      if (!(error instanceof MigrationError) || isInterrupted(error)) throw error;
      ask.sayError(error);
    }
  }
}

/** Stands for what is typed. No answer. */
const typed = 'type';

async function answerOf(question: Question, settings: Settings, ask: Asker): Promise<string | undefined> {
  const { message, choices, columns, other, said, proposed, draft } = question;
  if (columns !== undefined) return ticked(question, columns, ask);
  const refuse = (text: string) => refusal(question, settings, text);
  if (choices.length === 0) return ask.text(message, said ?? proposed ?? draft, refuse);
  const shown = choices.map((each) => (each.value === proposed ? { ...each, name: `${each.name} (proposed)` } : each));
  const more = other === undefined ? [] : [{ value: typed, name: other }];
  const chosen = await ask.one(message, [...shown, ...more], said ?? proposed);
  if (chosen !== typed) return chosen;
  return (await ask.text(`${other}:`, said ?? draft, refuse)) ?? answerOf(question, settings, ask);
}

async function ticked({ message, choices, said = '' }: Question, columns: string, ask: Asker) {
  const left = said.split(',');
  const rows = choices.map((choice) => ({ ...choice, checked: !left.includes(choice.value) }));
  const moving = await ask.many(message, columns, rows);
  const staying = choices.filter(({ value }) => !moving?.includes(value)).map(({ value }) => value);
  return moving && (staying.join(',') || 'none');
}

/** What ecsodus.yaml would not take. */
function refusal({ answer }: Question, settings: Settings, text: string): string | undefined {
  if (text.trim() === '') return 'There is no answer yet.';
  try {
    configOf({ name: 'unnamed', ...answer(settings, text.trim()) }, 'ecsodus.yaml', 'unknown');
    return undefined;
  } catch (error) {
    if (error instanceof MigrationError) return error.message.replace(/^ecsodus\.yaml: /, '');
    throw error;
  }
}
