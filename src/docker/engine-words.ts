import { messageOf } from '../errors.ts';

/** What the engine said, without dockerode's "(HTTP code 401) no such image - ", whose reason is often wrong. */
export function engineWords(error: unknown): string {
  const said = (error as { readonly json?: { readonly message?: unknown } } | undefined)?.json?.message;
  const text = typeof said === 'string' ? said : messageOf(error).replace(/^\(HTTP code \d+\) [^-]* - /, '');
  return text.trim();
}
