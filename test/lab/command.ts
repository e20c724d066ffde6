import { spawn } from 'node:child_process';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

interface Options {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end and answers with what it said, whatever its exit code. */
export function attempt(argv: readonly string[], { input, env }: Options = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { stdio: 'pipe', ...(env ? { env } : {}) });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(`${file} is not installed: run test/setup.sh`) : error),
    );
    child.on('close', (code, signal) => {
      resolve({ stdout: text(stdout), stderr: signal ? `${text(stderr)}(${signal})` : text(stderr), code: code ?? 1 });
    });
    // A program that never reads its input closes the pipe on us; its exit code says what happened.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

/** Runs a program that has to succeed; answers with its output. */
export async function run(argv: readonly string[], options: Options = {}): Promise<string> {
  const { stdout, stderr, code } = await attempt(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}\n${`${stdout}\n${stderr}`.trim().slice(-2000)}`);
  return stdout;
}

const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
