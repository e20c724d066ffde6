import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { MigrationError, messageOf } from '../errors.ts';
import type { PlanDocument } from '../report/plan-document.ts';
import { isWhole, planDifferences } from '../report/saved-plan.ts';

const outline = z.looseObject({
  version: z.number(),
  migration: z.string(),
  hash: z.string(),
  containers: z.array(z.looseObject({ name: z.string() })),
  workloads: z.array(z.looseObject({ name: z.string() })),
  idle: z.array(z.looseObject({ name: z.string() })),
  datasets: z.array(z.looseObject({ name: z.string() })),
  images: z.array(z.looseObject({ reference: z.string() })),
  changes: z.array(z.looseObject({ step: z.string(), id: z.string(), verb: z.string(), target: z.string() })),
});

/** The plan that `plan --out` saved. Throws MigrationError for a file that is not one, or not one of this migration. */
export async function readPlan(file: string, migration: string): Promise<PlanDocument> {
  const raw = await parse(file);
  const version = (raw as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > 1)
    throw unusable(`${file} was written by a newer ecsodus (plan version ${version}).`, again(file));
  const outlined = outline.safeParse(raw);
  if (!outlined.success) throw unusable(`${file} is not a plan of ecsodus.`, again(file));
  const plan = raw as PlanDocument;
  if (!isWhole(plan)) throw unusable(`${file} was changed after it was written: its hash does not match.`, again(file));
  if (plan.migration === migration) return plan;
  throw unusable(
    `${file} is a plan of the migration "${plan.migration}", not "${migration}".`,
    'Name the right file, or the right --config.',
  );
}

/** Throws MigrationError `plan-changed`, with what differs, where the saved plan is not what would be done now. */
export function requirePlanned(file: string, saved: PlanDocument, now: PlanDocument): void {
  const evidence = planDifferences(saved, now);
  if (evidence.length === 0) return;
  throw new MigrationError('plan-changed', `The world has moved since ${file} was made; nothing was changed.`, {
    evidence,
    hint: `Look again, and save what you see: ${again(file)}`,
  });
}

async function parse(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unusable(`Cannot read ${file}: ${messageOf(cause)}`, again(file));
  });
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(`${file} is not JSON.`, again(file));
  }
}

const again = (file: string): string => `ecsodus plan --out ${file}`;

const unusable = (message: string, hint: string): MigrationError =>
  new MigrationError('plan-unusable', message, { hint });
