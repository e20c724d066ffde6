import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { down } from '../lab/down.ts';
import { labHost } from '../lab/host.ts';
import { up } from '../lab/up.ts';
import { type Engine, engineOf, inHostOrFail } from './engine.ts';
import { type Compared, compare, refuseIdle } from './fidelity-compare.ts';
import { command, dockerfile, image, settings, surroundings } from './fidelity-settings.ts';
import { fidelityText } from './fidelity-text.ts';
import { autocompose, ecsodus, runlike, type Tool } from './fidelity-tools.ts';
import { installPeers } from './peers.ts';

interface ToolResult {
  readonly tool: string;
  readonly version: string;
  readonly settings: readonly Compared[];
  /** What Docker or compose did not take of its description. */
  readonly refused: readonly string[];
}

export interface Fidelity {
  readonly engine: string;
  readonly compose: string;
  readonly settings: number;
  readonly tools: readonly ToolResult[];
}

const lab = 'bench';

/** How much of one container's settings survives being described by a tool and made again from that, on one engine. */
export async function fidelity({ json }: { readonly json: boolean }): Promise<void> {
  const peers = await installPeers();
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  const tools = [runlike(peers), autocompose(peers), ecsodus(version)];
  const folder = await mkdtemp(join(tmpdir(), 'ecsodus-bench-'));
  try {
    const engine = await droplet();
    const result: Fidelity = {
      engine: (await engine.docker('version', '--format', '{{.Server.Version}}')).trim(),
      compose: peers.versions['docker-compose'],
      settings: settings.length,
      tools: await measure(engine, tools, folder),
    };
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${fidelityText(result)}\n`);
  } finally {
    await down(lab);
    await rm(folder, { recursive: true, force: true });
  }
}

/** A droplet with the one container on it; the lab's own stack is stopped, to be out of the way. */
async function droplet(): Promise<Engine> {
  await up(lab);
  const host = await labHost(lab, 'droplet');
  const engine = engineOf(host);
  await inHostOrFail(host, ['docker', 'build', '--quiet', '--network', 'none', '--tag', image, '-'], dockerfile);
  await inHostOrFail(host, ['sh', '-s'], surroundings);
  const flags = settings.flatMap((setting) => setting.flags);
  await engine.docker('run', '--detach', '--name', 'original', ...flags, ...command);
  await engine.docker('create', '--name', 'plain', image);
  return engine;
}

/** Each describes while the original runs; then that makes room, with its volumes left, and each has the engine to itself. */
async function measure(engine: Engine, tools: readonly Tool[], folder: string): Promise<ToolResult[]> {
  const [original, plain] = [await engine.inspect('original'), await engine.inspect('plain')];
  refuseIdle(settings, original, plain);
  const described = [];
  for (const tool of tools) described.push({ tool, ...(await tool.describe(engine, folder)) });
  await engine.docker('rm', '--force', 'original');
  const results: ToolResult[] = [];
  for (const { tool, accounting, recreate } of described) {
    const { inspect: again, refused } = await recreate(engine, original);
    const compared = compare(settings, { original, again, plain }, accounting);
    results.push({ tool: tool.name, version: tool.version, settings: compared, refused });
    await engine.docker('rm', '--force', String(again.Id));
  }
  return results;
}
