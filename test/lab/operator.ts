import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientView } from './client-view.ts';
import type { Lab } from './lab.ts';
import { sites } from './stack.ts';

/** A person with a laptop: a folder with an ecsodus.yaml in it, an ssh_config, and AWS credentials in the environment. */
export interface Operator {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** The command as a user has it, built. */
  readonly argv: (command: string, ...words: readonly string[]) => readonly string[];
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const cli = join(import.meta.dirname, '../../dist/cli.js');

/** `extra` is YAML that goes at the end of ecsodus.yaml, `document` all of it; `source` is the host alias to log in by. */
export async function makeOperator(
  lab: Lab,
  { source = 'droplet', extra = '', document = migration(source, extra) } = {},
): Promise<Operator> {
  const directory = join(lab.dir, 'operator');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'ecsodus.yaml'), document);
  const view = clientView(lab);
  const env = { ...process.env, ...view.env, AWS_ENDPOINT_URL: view.aws.endpoint ?? '', SSH_AUTH_SOCK: '' };
  return {
    directory,
    env,
    argv: (command, ...words) => [process.execPath, cli, command, '--ssh-config', view.sshConfig, ...words],
  };
}

/** Runs the command to its end, without a terminal. */
export function ecsodus(operator: Operator, command: string, ...words: readonly string[]): Promise<CliResult> {
  const [file = '', ...args] = operator.argv(command, ...words);
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: operator.directory, env: operator.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, ...output }));
  });
}

const migration = (source: string, extra: string): string => `# Written by hand, as an operator would.
name: blog
source: ${source}
instance:
  type: t3.medium
disk:
  sizeGib: 8
checks:
${sites.flatMap(({ host, paths }) => paths.map((path) => `  - http://${host}${path}`)).join('\n')}
${extra}`;
