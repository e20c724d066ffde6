import { z } from 'zod';

const seconds = z.number().min(0);
const count = z.number().int().min(0);
const moment = z.iso.datetime();

/** Steps add what they need to make it again. */
const change = z.looseObject({
  id: z.string().min(1),
  verb: z.enum(['create', 'update', 'copy', 'start', 'stop', 'delete', 'record']),
  target: z.string().min(1),
  reason: z.string().min(1),
  bytes: count.optional(),
  together: z.string().optional(),
  mayStop: z.literal(true).optional(),
});

const progress = z.strictObject({
  message: z.string().min(1),
  doneBytes: count.optional(),
  totalBytes: count.optional(),
  bytesPerSecond: count.optional(),
  since: moment.optional(),
});

const check = z.strictObject({ name: z.string().min(1), status: z.enum(['ok', 'skip']), reason: z.string() });

const step = z.string().regex(/^[a-z-]+$/);

/** Each line of `run --json`, `rollback --json`, `finish --json` and `undo --json`, as the README says. */
export const runLine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('step-begin'), step, changes: count }),
  z.strictObject({ type: z.literal('change-begin'), step, change }),
  z.strictObject({ type: z.literal('progress'), step, id: z.string().min(1), progress }),
  z.strictObject({ type: z.literal('change-done'), step, id: z.string().min(1), seconds }),
  z.strictObject({ type: z.literal('step-done'), step, seconds, changes: count, checks: z.array(check) }),
  z.strictObject({ type: z.literal('step-failed'), step, message: z.string().min(1) }),
  z.strictObject({
    type: z.literal('done'),
    changes: count,
    seconds,
    downtimeSeconds: seconds.optional(),
    report: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('error'),
    code: z.string().regex(/^[a-z-]+$/),
    message: z.string().min(1),
    hint: z.string().optional(),
    evidence: z.array(z.string()),
  }),
]);
