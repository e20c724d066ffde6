import { type Config, nameFor, type Settings } from '../config.ts';
import { isInterrupted, MigrationError } from '../errors.ts';
import { unset } from './answers.ts';
import { type Asker, askOne, type Check } from './ask-question.ts';
import { blockerQuestions, changing, lookAgain, outsideQuestions } from './obstacle-questions.ts';
import type { Question } from './question.ts';
import { type Machine, reachQuestions } from './reach-questions.ts';
import { configOf } from './settings-file.ts';
import { shapeQuestions } from './shape-questions.ts';
import { designedAnew, type Sight } from './sight.ts';

/** Looks at the source and at AWS, by the settings so far. */
export interface Eyes {
  readonly check: Check;
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
  const seen = designedAnew(await eyes.seen(config), config);
  const shaping = [...reaching, ...shapeQuestions(settings, seen), ...outsideQuestions(settings, seen)];
  if (shaping.some(isOpen)) return shaping;
  return [...shaping, ...blockerQuestions(settings, await eyes.look(config))];
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
  const answer = await askOne(question, settings, world.eyes.check, ask);
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
