import type { Answer, AwsCall } from './aws-call.ts';

/** For so long after a change, a read may not show it yet. */
const hidingMs = 3000;

interface Change {
  readonly sentAt: number;
  readonly endedAt: number;
}

/**
 * AWS as it is: eventually consistent. Keeps the last answer to each question, and has it again for some seconds after
 * something changed in the same service. An answer from after the change takes its place, so time never runs backwards.
 */
export class StaleAnswers {
  readonly #answers = new Map<string, { readonly answer: Answer; readonly at: number }>();
  readonly #changes = new Map<string, Change>();

  /** A call that is no read has succeeded. */
  changed({ service }: AwsCall, change: Change): void {
    this.#changes.set(service, change);
  }

  answered({ key }: AwsCall, answer: Answer, at: number): void {
    this.#answers.set(key, { answer, at });
  }

  /** The answer from before the last change, while that may still be hidden. */
  older({ key, service }: AwsCall, now: number): Answer | undefined {
    const change = this.#changes.get(service);
    const known = this.#answers.get(key);
    if (change === undefined || known === undefined) return undefined;
    return known.at < change.sentAt && now < change.endedAt + hidingMs ? known.answer : undefined;
  }
}
