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

const amount = z.number().min(0);

const prediction = z.strictObject({
  bytesPerSecond: z.number().positive().describe('Of the link from the source to the target.'),
  isMeasured: z.boolean().describe('By an earlier run; else it is assumed.'),
  images: z.array(z.strictObject({ reference: z.string(), bytes: count, seconds: amount })).describe('To push.'),
  datasets: z
    .array(z.strictObject({ name: z.string(), bytes: count, files: count, seconds: amount }))
    .describe('To copy while the source runs; without those whose size is not known.'),
  freeze: z
    .array(z.strictObject({ part: z.string().min(1), seconds: amount, why: z.string().min(1) }))
    .describe('What the downtime is made of, in its order; empty where no cut-over is ahead.'),
});

const instance = z.strictObject({
  type: z.string(),
  memoryMib: count.describe('What ECS registers.'),
  keptBackMib: count.describe('What the system and the agent keep of what the type is sold with.'),
  cpuUnits: count,
  workloads: z.array(z.strictObject({ name, memoryMib: count, cpuUnits: count })),
});

const costLine = z.strictObject({
  what: z.string().min(1),
  monthlyUsd: amount.optional().describe('Left out where it is not known.'),
  how: z.string().min(1),
  source: z.url().describe('Where the price was found.'),
  date: z.iso.date().describe('The day for which it stands there, or on which it was looked up.'),
});

/** The plan document. Nothing a reader of it should meet is left out here, and nothing else may be in it. */
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
  prediction,
  instance: instance.optional().describe('Left out where its type, or how much that has, is not known.'),
  costs: z.strictObject({
    lines: z.array(costLine),
    droplet: costLine,
    totalUsd: amount.optional().describe('A month, of the lines that are known.'),
  }),
  rules: z
    .array(
      z.strictObject({ port: z.number().int().min(1).max(65535), cidr: z.string().min(1), description: z.string() }),
    )
    .describe('Of the security group.'),
  permissions: z.array(z.string().regex(/^[a-z0-9-]+:[A-Za-z]+$/)).describe('AWS actions that a run needs.'),
  irreversible: z.array(z.string().min(1)).describe('What of the changes cannot be undone.'),
  unchecked: z.array(z.string().min(1)).describe('What nobody looked at.'),
});

export type PlanJson = z.output<typeof planSchema>;

/** For whoever reads the document with other tools; plan.schema.json is this. */
export const planJsonSchema = (): unknown => z.toJSONSchema(planSchema);
