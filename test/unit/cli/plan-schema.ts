import { z } from 'zod';

const count = z.number().int().min(0);

const finding = z.strictObject({
  level: z.enum(['info', 'warning', 'blocker']),
  code: z.string().regex(/^[a-z0-9-]+$/),
  subject: z.string().min(1),
  message: z.string().min(1),
  remedy: z.string(),
});

const row = z.strictObject({
  container: z.string().min(1),
  setting: z.string().min(1),
  value: z.string(),
  outcome: z.enum(['mapped', 'approximated', 'lost']),
  target: z.string(),
  note: z.string(),
});

const name = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/);

const containerDefinition = z.looseObject({
  name,
  image: z.string().min(1).max(255),
  essential: z.boolean(),
  cpu: count,
  memory: z.number().int().min(6).optional(),
  memoryReservation: z.number().int().min(6).optional(),
  environment: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  mountPoints: z
    .array(z.strictObject({ sourceVolume: name, containerPath: z.string().regex(/^\//), readOnly: z.boolean() }))
    .optional(),
});

const workload = z.looseObject({
  name,
  containers: z.array(z.string()).min(1),
  taskDefinition: z.looseObject({
    family: name,
    requiresCompatibilities: z.array(z.literal('EC2')),
    containerDefinitions: z.array(containerDefinition).min(1),
    volumes: z.array(z.looseObject({ name })).optional(),
  }),
});

/** Nothing a reader of the document should meet is left out here, and nothing else may be in it. */
export const planSchema = z.strictObject({
  version: z.literal(1),
  migration: name,
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  containers: z.array(z.strictObject({ name: z.string(), id: z.string() })),
  workloads: z.array(workload),
  idle: z.array(workload),
  datasets: z.array(z.looseObject({ name: z.string(), source: z.string(), target: z.string(), bytes: count })),
  images: z.array(z.looseObject({ id: z.string(), reference: z.string(), bytes: count })),
  resources: z.array(z.looseObject({ id: z.string() })),
  changes: z.array(z.looseObject({ id: z.string() })),
  findings: z.array(finding),
  accounting: z.array(row),
  totals: z.strictObject({
    changes: count,
    workloads: count,
    containers: count,
    imageBytes: count,
    dataBytes: count,
    dataFiles: count,
    reservedMemoryMib: count,
    settings: z.strictObject({ mapped: count, approximated: count, lost: count }),
    findings: z.strictObject({ info: count, warning: count, blocker: count }),
  }),
});

export type PlanJson = z.output<typeof planSchema>;
