import type { Stray } from '../inventory.ts';
import { isEmpty } from './json.ts';

/**
 * What a part of `docker inspect` may look like. `texts` is a list of strings, or one string as old engines sent it;
 * `list.by` names the field that names an entry; `any` is looked at by nobody.
 */
export type Shape =
  | 'text'
  | 'number'
  | 'flag'
  | 'texts'
  | 'any'
  | { readonly map: Shape }
  | { readonly list: Shape; readonly by?: string }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** A value as far as it has its shape, and what of it has not. */
interface Fitted {
  /** Undefined where nothing is left; null, as Docker writes "not set", is undefined too. */
  readonly value: unknown;
  readonly strays: readonly Stray[];
}

/** Never throws, whatever `value` is: rules may rely on types, and what they cannot see is told apart. */
export function conform(shape: Shape, value: unknown, path = ''): Fitted {
  if (value === null || value === undefined) return { value: undefined, strays: [] };
  if (shape === 'any') return { value, strays: [] };
  if (typeof shape === 'string') return fitSimple(shape, value, path);
  if ('list' in shape) return Array.isArray(value) ? fitList(shape, value, path) : unreadable(value, path);
  if (typeof value !== 'object' || Array.isArray(value)) return unreadable(value, path);
  return 'map' in shape ? fitMap(shape.map, value, path) : fitFields(shape.fields, value, path);
}

const isOf = {
  text: (value: unknown) => typeof value === 'string',
  number: (value: unknown) => Number.isInteger(value),
  flag: (value: unknown) => typeof value === 'boolean',
};

function fitSimple(shape: 'text' | 'number' | 'flag' | 'texts', value: unknown, path: string): Fitted {
  if (shape !== 'texts') return isOf[shape](value) ? { value, strays: [] } : unreadable(value, path);
  if (typeof value === 'string') return { value: [value], strays: [] };
  return Array.isArray(value) ? fitList({ list: 'text' }, value, path) : unreadable(value, path);
}

/** §0: null, [], {} and absent are equal, so an empty value of another type says nothing. */
const unreadable = (value: unknown, path: string): Fitted => ({
  value: undefined,
  strays: isEmpty(value) ? [] : [{ path, value, reason: 'unreadable' }],
});

function fitList({ list, by }: { list: Shape; by?: string }, values: readonly unknown[], path: string): Fitted {
  const fitted = values.map((each, index) => conform(list, each, under(path, nameOf(each, by) ?? String(index))));
  return {
    value: fitted.map(({ value }) => value).filter((each) => each !== undefined),
    strays: fitted.flatMap(({ strays }) => strays),
  };
}

const nameOf = (entry: unknown, by: string | undefined): string | undefined => {
  const name =
    by !== undefined && typeof entry === 'object' && entry !== null && (entry as Record<string, unknown>)[by];
  return typeof name === 'string' && name !== '' ? name : undefined;
};

/** Keys stay even where nothing is behind them: `{"80/tcp": null}` exposes a port. */
function fitMap(shape: Shape, map: object, path: string): Fitted {
  const entries = Object.entries(map).map(([key, each]) => [key, conform(shape, each, under(path, key))] as const);
  const kept = entries.filter(([, { value, strays }]) => value !== undefined || strays.length === 0);
  return {
    value: Object.fromEntries(kept.map(([key, { value }]) => [key, value ?? null])),
    strays: entries.flatMap(([, { strays }]) => strays),
  };
}

function fitFields(fields: Readonly<Record<string, Shape>>, record: object, path: string): Fitted {
  const known = Object.entries(record).filter(([key]) => Object.hasOwn(fields, key));
  const entries = known.map(([key, each]) => [key, conform(fields[key] ?? 'any', each, under(path, key))] as const);
  const unknown = Object.entries(record).filter(([key, each]) => !Object.hasOwn(fields, key) && !isEmpty(each));
  return {
    value: Object.fromEntries(
      entries.filter(([, { value }]) => value !== undefined).map(([key, { value }]) => [key, value]),
    ),
    strays: [
      ...entries.flatMap(([, { strays }]) => strays),
      ...unknown.map(([key, value]): Stray => ({ path: under(path, key), value, reason: 'unknown' })),
    ],
  };
}

const under = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
