import type { Settings } from '../config.ts';
import { type AnswerId, answers, flagOf } from './answers.ts';
import { wrap } from './wrap.ts';

export interface Choice {
  /** The answer, as its flag would say it. */
  readonly value: string;
  readonly name: string;
  /** Shown while the cursor is on it. */
  readonly description?: string;
}

/** One question of the wizard: pure data but for what its answer makes of the settings. */
export interface Question {
  /** Of the answer it gives; `outside:shop` where there are several of a kind. */
  readonly id: string;
  /** The flag that answers it, with what goes after it. */
  readonly flag: string;
  /** In the summary. */
  readonly title: string;
  readonly message: string;
  /** Why that is proposed, and what to know: lines of at most 78 characters, shown above the question. */
  readonly reasons: readonly string[];
  /** Of these one is the answer, or, with `columns`, those that are not ticked; where there are none, a text is. */
  readonly choices: readonly Choice[];
  /** What else may be typed, where the choices are not all there is. */
  readonly other?: string;
  /** The text to begin typing with. */
  readonly draft?: string | undefined;
  /** The heading of a table whose rows are ticked. */
  readonly columns?: string;
  /** The earlier answer. */
  readonly said: string | undefined;
  readonly proposed: string | undefined;
  readonly answer: (settings: Settings, text: string) => Settings;
}

type Asked = Pick<Question, 'title' | 'message'> &
  Partial<Pick<Question, 'reasons' | 'choices' | 'other' | 'draft' | 'columns' | 'proposed'>>;

/** A question whose answer is one key of ecsodus.yaml. The answer given before is always among the choices. */
export function question(id: AnswerId, settings: Settings, asked: Asked): Question {
  const said = answers[id].read(settings);
  const { choices = [], columns } = asked;
  const isMissing = said !== undefined && choices.length > 0 && columns === undefined;
  const before = isMissing && !choices.some(({ value }) => value === said) ? [{ value: said, name: said }] : [];
  return {
    proposed: undefined,
    ...asked,
    reasons: (asked.reasons ?? []).flatMap((each) => wrap(each)),
    id,
    flag: flagOf(id),
    choices: [...choices, ...before],
    said,
    answer: answers[id].write,
  };
}
