import { vi } from 'vitest';
import { withMigrationErrors } from '../../../src/aws/aws-errors.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Answer = (input: Readonly<Record<string, unknown>>, nth: number) => object;

/** An SDK client whose `send` is answered by the test; every call is recorded. The SDK's paginators run as they are. */
export function fakeClient<C extends object>(client: C, service: string, answers: Readonly<Record<string, Answer>>) {
  const calls: Call[] = [];
  const send = async (command: { readonly input: Call['input'] }): Promise<object> => {
    const name = command.constructor.name.replace(/Command$/, '');
    const nth = calls.filter((call) => call.name === name).length;
    calls.push({ name, input: command.input });
    const answer = answers[name];
    if (!answer) throw new Error(`the test has no answer to ${name}`);
    return answer(command.input, nth);
  };
  Object.assign(client, { send });
  return { client: withMigrationErrors(client, service), calls };
}

/** What the SDK throws for an AWS error code. */
export function awsFailure(code: string, message = code, more: object = {}): Error {
  return Object.assign(new Error(message), { name: code, ...more });
}

/** Lets a call run through all its waits at once, under fake timers. */
export async function outcome<T>(call: Promise<T>): Promise<T> {
  const settled = Promise.allSettled([call]);
  await vi.runAllTimersAsync();
  const [result] = await settled;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Enough for a client whose `send` is answered by the test. */
export const clientOptions = { region: 'eu-central-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
