import type { Settings } from '../config.ts';
import { isInterrupted, MigrationError } from '../errors.ts';
import type { Choice, Question } from './question.ts';
import { configOf } from './settings-file.ts';
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

/** Whether an answer leads where it should, told in a line; undefined where there is nothing to check. */
export type Check = (id: string, settings: Settings) => Promise<string | undefined>;

/** The answer to one question, checked at once; asked again where it leads nowhere. Undefined where the operator went back. */
export async function askOne(
  question: Question,
  settings: Settings,
  check: Check,
  ask: Asker,
): Promise<string | undefined> {
  ask.say(['', ...question.reasons]);
  for (;;) {
    const answer = await answerOf(question, settings, ask);
    if (answer === undefined) return undefined;
    try {
      const line = await check(question.id, question.answer(settings, answer));
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
