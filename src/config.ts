import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { MigrationError } from './errors.ts';
import { nearest } from './nearest.ts';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, 'must be 2 to 32 of a-z, 0-9 and dash, and begin with a letter');

const port = z.number().int().min(1).max(65535);
const path = z.string().regex(/^\/./, 'must be an absolute path within the container');
const paths = z.union([path, z.array(path).min(1)]).transform((given) => [given].flat());

const schema = z.strictObject({
  name: name
    .optional()
    .describe('Name of this migration; AWS resources are called ecsodus-<name>. Default: the host alias.'),
  source: z.string().min(1).describe('The droplet: a host alias of your ssh_config, or user@host.'),
  region: z.string().optional().describe('AWS region; default: the one of your AWS profile or environment.'),
  profile: z.string().optional().describe('AWS profile.'),
  instance: z
    .strictObject({
      type: z
        .string()
        .optional()
        .describe('EC2 instance type (x86_64); default: the smallest that all workloads fit on.'),
      setup: z.string().optional().describe('Shell lines run as root at its first boot, before Docker starts a task.'),
      subnet: z.string().optional().describe('Subnet id; default: the first default subnet of the default VPC.'),
    })
    .prefault({}),
  disk: z
    .strictObject({
      sizeGib: z
        .number()
        .int()
        .min(1)
        .max(65536)
        .optional()
        .describe('Size of the /data disk in GiB; default: twice the data, at least 8.'),
    })
    .prefault({}),
  snapshot: z
    .enum(['local', 'ebs', 'none'])
    .default('local')
    .describe('Keep a restorable copy of each dataset first: on the source, or as an EBS snapshot of the data disk.'),
  snapshotBy: z
    .record(z.string(), z.enum(['pause', 'stop']))
    .default({})
    .describe(
      'By container: how it is kept from writing while the last of its data is copied. Default: by its database.',
    ),
  sampleSeconds: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(5)
    .describe('How long the memory of containers is watched, once, to size them.'),
  secrets: z
    .enum(['ssm', 'secrets-manager', 'plain'])
    .default('ssm')
    .describe('Where environment values that look secret go.'),
  dataWay: z
    .enum(['auto', 'straight', 'tunnel'])
    .default('auto')
    .describe(
      'How the data goes: straight from source to target, or through this machine. auto: straight where the source reaches the target.',
    ),
  bwlimit: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'KiB per second that the copies may use while the source runs; the last delta, in the freeze, takes all it can.',
    ),
  forward: z.boolean().default(true).describe('After cut-over the source forwards its published ports to the target.'),
  leave: z
    .array(z.string().min(1))
    .default([])
    .describe('Containers that stay on the droplet and go on there. All others that run are moved.'),
  workloads: z
    .record(name, z.array(z.string().min(1)).min(1))
    .optional()
    .describe('Which containers become one task definition, by workload name; default: by network and links.'),
  ports: z
    .record(z.string(), z.record(z.string().regex(/^\d{1,5}$/), port))
    .optional()
    .describe('By container: at which host port others reach one of its ports, "web: {8080: 8081}".'),
  outsideVolumes: z
    .record(z.string(), z.union([z.enum(['commit', 'ignore']), z.strictObject({ volume: paths })]))
    .optional()
    .describe('By container: what becomes of data it wrote outside of volumes: commit, ignore, or {volume: PATH}.'),
  checks: z
    .array(z.url({ protocol: /^http$/ }))
    .default([])
    .describe('URLs of pages that must answer the same after the move; asked of the source with their host name.'),
  healthTimeoutSeconds: z
    .number()
    .int()
    .min(10)
    .max(3600)
    .default(300)
    .describe('How long cut-over waits for the services to be healthy.'),
  settleSeconds: z
    .number()
    .int()
    .min(0)
    .max(600)
    .default(10)
    .describe('How long the services must then stay up, without a task replaced, before cut-over is believed.'),
  accept: z.array(z.string()).default([]).describe('Blockers you have read and settled: "<code>:<subject>".'),
});

/** ecsodus.yaml as somebody writes it: what it leaves out has its default. */
export type Settings = Partial<z.input<typeof schema>>;

export type Config = z.output<typeof schema> & { readonly name: string };

/** The JSON Schema of ecsodus.yaml, for editors. */
export const configSchema = (): unknown => z.toJSONSchema(schema, { io: 'input' });

/** Stands in for keys that the file may leave out where they are not needed: offline there is no source. */
export type ConfigDefaults = Readonly<Partial<Pick<Config, 'source'>>>;

/** Reads and checks ecsodus.yaml. Anything wrong is one MigrationError that names the key, and the nearest known one. */
export async function readConfig(file: string, defaults: ConfigDefaults = {}): Promise<Config> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new MigrationError('config-missing', `There is no ${file} to read.`, {
      hint: `Write one: it needs no more than "source: <host alias of your droplet>". Or name it with --config FILE.`,
      cause,
    });
  });
  return parseConfig(text, file, defaults);
}

export function parseConfig(text: string, file = 'ecsodus.yaml', defaults: ConfigDefaults = {}): Config {
  let raw: unknown;
  try {
    raw = parseYaml(text);
  } catch (cause) {
    throw new MigrationError('config-syntax', `${file} is not YAML: ${(cause as Error).message.split('\n')[0]}`, {
      hint: `Mend that line in ${file}.`,
      cause,
    });
  }
  const result = schema.safeParse(withDefaults(raw ?? {}, defaults));
  if (!result.success) throw invalid(result.error.issues[0], file);
  return withName(result.data, file);
}

const withDefaults = (raw: unknown, defaults: ConfigDefaults): unknown =>
  typeof raw === 'object' && !Array.isArray(raw) ? { ...defaults, ...raw } : raw;

function withName(config: z.output<typeof schema>, file: string): Config {
  if (config.name !== undefined) return { ...config, name: config.name };
  const derived = nameFor(config.source);
  if (derived !== undefined) return { ...config, name: derived };
  throw new MigrationError(
    'config-name',
    `${file}: "${aliasOf(config.source)}" cannot be used as the name of the migration.`,
    {
      hint: `Add a line "name: <2 to 32 of a-z, 0-9 and dash>" to ${file}.`,
    },
  );
}

const aliasOf = (source: string): string => source.replace(/^.*@/, '').toLowerCase();

/** What a migration is called whose file gives it no name; undefined where the alias cannot be one. */
export const nameFor = (source: string): string | undefined => name.safeParse(aliasOf(source)).data;

function invalid(issue: z.core.$ZodIssue | undefined, file: string): MigrationError {
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const guess = nearest(key, knownKeys(issue.path));
    return new MigrationError('config-unknown-key', `${file}: unknown key "${[...issue.path, key].join('.')}".`, {
      hint: guess ? `Did you mean "${guess}"?` : `Known keys: ${knownKeys(issue.path).join(', ')}.`,
    });
  }
  return new MigrationError('config-invalid', `${file}: ${path ? `${path}: ` : ''}${issue?.message ?? 'not valid'}.`, {
    hint: `Mend "${path}" in ${file}.`,
  });
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: { properties?: Record<string, unknown> } | undefined = configSchema() as {
    properties?: Record<string, unknown>;
  };
  for (const key of path) node = node?.properties?.[String(key)] as typeof node;
  return Object.keys(node?.properties ?? {});
}
