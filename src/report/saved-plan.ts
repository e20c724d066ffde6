import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { approvalOf } from '../pipeline.ts';
import type { PlanDocument } from './plan-document.ts';

type Body = Omit<PlanDocument, 'hash'>;

/** SHA-256 over a plan's other parts, hex. */
export const planHash = (body: Body): string => createHash('sha256').update(JSON.stringify(body)).digest('hex');

/** Whether a document is as it was written. */
export const isWhole = ({ hash, ...body }: PlanDocument): boolean => planHash(body) === hash;

/**
 * What is not as it was when a plan was saved, a line each; none where it can still be run. Changes that are made by now are
 * missing from the plan of today, so it may have fewer; sizes, predictions and prices may differ, as they do every minute.
 */
export function planDifferences(saved: PlanDocument, now: PlanDocument): string[] {
  const planned = new Set(saved.changes.map((change) => approvalOf(change.step, change)));
  return [
    ...named('container', saved.containers, now.containers),
    ...named('workload', saved.workloads, now.workloads),
    ...named('idle workload', saved.idle, now.idle),
    ...named('dataset', saved.datasets.map(place), now.datasets.map(place)),
    ...named('image', saved.images.map(image), now.images.map(image)),
    ...now.changes
      .filter((change) => !planned.has(approvalOf(change.step, change)))
      .map(({ step, verb, target, reason }) => `not in the plan: ${step}: ${verb} ${target} (${reason})`),
  ];
}

const place = ({ name, kind, source, target, containers }: PlanDocument['datasets'][number]) => ({
  name,
  kind,
  source,
  target,
  containers,
});

const image = ({ reference, id, committedFrom }: PlanDocument['images'][number]) => ({
  name: reference,
  id,
  committedFrom,
});

function named<T extends { readonly name: string }>(kind: string, before: readonly T[], after: readonly T[]): string[] {
  const gone = before.filter(({ name }) => !after.some((one) => one.name === name));
  const changed = after.flatMap((one) => {
    const old = before.find(({ name }) => name === one.name);
    if (old === undefined) return [`${kind} ${one.name} is new`];
    const parts = differingParts(old, one);
    return parts.length === 0 ? [] : [`${kind} ${one.name} is another now: ${parts.join('; ')}`];
  });
  return [...gone.map(({ name }) => `${kind} ${name} is gone`), ...changed];
}

/** Where two values part, with both sides; a path for each, down to what differs. */
function differingParts(before: unknown, after: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [`${path} ${shown(before)} → ${shown(after)}`];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differingParts(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
