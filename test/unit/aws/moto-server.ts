import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { vi } from 'vitest';
import type { AwsWriter } from '../../../src/aws/aws.ts';
import { connectAws } from '../../../src/aws/connect-aws.ts';

export interface MotoServer {
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** A moto, and what a run has of it; `end` gives the environment back. */
export async function connectToMoto(): Promise<{ readonly aws: AwsWriter; readonly end: () => Promise<void> }> {
  const moto = await startMoto();
  for (const [name, value] of Object.entries(moto.environment)) vi.stubEnv(name, value);
  const end = async () => {
    vi.unstubAllEnvs();
    await moto.stop();
  };
  return { aws: await connectAws({}), end };
}

/** Plain moto on a free port of loopback, with its checks switched on (shared/docs/lab.md). */
export async function startMoto(): Promise<MotoServer> {
  const port = await freePort();
  const child = spawn(pythonWithMoto(), ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: {
      ...process.env,
      MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
      MOTO_ENABLE_AMI_VALIDATION: 'true',
      MOTO_ENABLE_KEYPAIR_VALIDATION: 'true',
      MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION: 'true',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(url, child);
  return {
    url,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function pythonWithMoto(): string {
  const candidates = ['python3', join(homedir(), '.cache/ecsodus/venv/bin/python')];
  const found = candidates.find((python) => {
    try {
      execFileSync(python, ['-c', 'import moto.server'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  if (!found)
    throw new Error("No Python with moto: python3 -m venv ~/.cache/ecsodus/venv, then pip install 'moto[server]'");
  return found;
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/moto-api/`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
  throw new Error(`moto does not answer on ${url}`);
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
