import type { EnvVariable } from '../inventory.ts';
import { Secret } from '../secret.ts';
import { nameSays } from './secret-names.ts';
import { looksSecret, redactArguments } from './secrets.ts';

const hidden = '[redacted]';

/** JSON in which whatever looks secret is replaced: by the key it stands under, as an argument, or by its own shape. */
export function redacted(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return redactText(value, key);
  if (Array.isArray(value)) return redactList(value, key);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redacted(each, name)]));
}

const redactList = (values: readonly unknown[], key: string): unknown[] =>
  values.every((each) => typeof each === 'string')
    ? redactArguments(values).map((each) => redactText(each, key))
    : values.map((each) => redacted(each, key));

/** `mysqladmin ping --password=x`, `addr=10.0.0.1,username=u,password=x`: words are looked at one by one. */
function redactText(text: string, key: string): string {
  if (looksSecret(key, text)) return hidden;
  if (nameSays(key) === 'harmless') return text;
  const parts = text.split(/([\s,;]+)/);
  const words = redactArguments(parts.filter((_, index) => index % 2 === 0));
  return parts.map((part, index) => (index % 2 === 0 ? words[index / 2] : part)).join('');
}

/** Shorter ones are words of any sentence. */
const shortestSecret = 8;

export const isWorthHiding = (secret: string): boolean => secret.length >= shortestSecret;

/** Hides the values of secret variables wherever else they turn up. */
export function hiderOf(env: readonly EnvVariable[]): (text: string) => string {
  const secrets = env.flatMap(({ value }) => (value instanceof Secret ? [value.reveal()] : [])).filter(isWorthHiding);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, hidden), text);
}
