import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Json, listOf, recordOf, textsOf } from '../../src/ecs/json.ts';
import type { AccountingRow } from '../../src/finding.ts';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { containerName, createOptions } from '../lab/agent-container.ts';
import { dockerVolumes, makeVolumes, suffixOf } from '../lab/agent-volumes.ts';
import { attempt, run } from '../lab/command.ts';
import { enterHost, inHost } from '../lab/host.ts';
import { aws } from '../lab/lab.ts';
import type { TaskDefinition } from '../lab/moto-state.ts';
import type { Engine } from './engine.ts';
import { partsThatWork } from './fidelity-compare.ts';
import { image } from './fidelity-settings.ts';
import type { Peers } from './peers.ts';

/** A container made again from a description of it. */
interface Again {
  readonly inspect: Json;
  /** Parts of the description that Docker or compose refused; without them the rest could be had. */
  readonly refused: readonly string[];
}

/** A tool: describes the container `original`, and makes it again, running, once the original is gone. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly describe: (engine: Engine, folder: string) => Promise<Described>;
}

interface Described {
  /** What the tool says of what it does not keep. */
  readonly accounting: readonly AccountingRow[];
  readonly recreate: (engine: Engine, original: Json) => Promise<Again>;
}

/** Docker's command line gives up the container it could not start; compose leaves it. Both make room for the next try. */
const clear = (engine: Engine, name = 'original') => inHost(engine.host, ['docker', 'rm', '--force', name]);

/** A `docker run` command, run as it stands; then without the flags that it fails by. */
export const runlike = (peers: Peers): Tool => ({
  name: 'runlike',
  version: peers.versions.runlike,
  describe: async (engine, folder) => {
    const path = await dockerCommand(engine, folder);
    const line = await run([peers.runlike, '--use-volume-id', 'original'], { env: { ...process.env, PATH: path } });
    const words = JSON.parse(await run(['python3', '-c', splitWords], { input: line })) as string[];
    const at = words.indexOf(image);
    const flags = grouped(words.slice(2, at));
    return { accounting: [], recreate: (target) => recreateByRun(target, flags, words.slice(at)) };
  },
});

const splitWords = 'import json, shlex, sys; print(json.dumps(shlex.split(sys.stdin.read())))';

/** A flag and its value, where that is a word of its own. */
function grouped(words: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const word of words) {
    if (word.startsWith('-')) groups.push([word]);
    else groups.at(-1)?.push(word);
  }
  return groups;
}

async function recreateByRun(engine: Engine, flags: string[][], rest: readonly string[]): Promise<Again> {
  const name = ['--detach', '--name=original'];
  const { refused } = await partsThatWork(
    flags.filter(([flag = '']) => !flag.startsWith('--name=') && !flag.startsWith('--detach')),
    async (kept) => {
      await clear(engine);
      const { code } = await inHost(engine.host, ['docker', 'run', ...name, ...kept.flat(), ...rest]);
      return code === 0;
    },
  );
  return { inspect: await engine.inspect('original'), refused: refused.map((flag) => flag.join(' ')) };
}

/** A compose file, taken by compose itself; then without the entries that it fails by. */
export const autocompose = (peers: Peers): Tool => ({
  name: 'docker-autocompose',
  version: peers.versions['docker-autocompose'],
  describe: async (engine, folder) => {
    const env = { ...process.env, DOCKER_HOST: engine.address };
    const file = parse(await run([peers.autocompose, 'original'], { env })) as Json;
    const compose = (text: string) => composeUp(peers.compose, text, folder, env);
    return { accounting: [], recreate: (target) => recreateByCompose(target, file, compose) };
  },
});

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly listed: boolean;
}

const entriesOf = (service: Json): Entry[] =>
  Object.entries(service).flatMap(([key, value]): Entry[] =>
    Array.isArray(value) ? value.map((each) => ({ key, value: each, listed: true })) : [{ key, value, listed: false }],
  );

function serviceOf(entries: readonly Entry[]): Json {
  const service: Record<string, unknown> = {};
  for (const { key, value, listed } of entries) service[key] = listed ? [...listOf(service[key]), value] : value;
  return service;
}

async function recreateByCompose(
  engine: Engine,
  file: Json,
  compose: (text: string) => Promise<boolean>,
): Promise<Again> {
  const { image: from, container_name, ...rest } = recordOf(recordOf(file.services).original);
  const { refused } = await partsThatWork(entriesOf(rest), async (kept) => {
    await clear(engine);
    const original = { image: from, container_name, ...serviceOf(kept) };
    return compose(stringify({ ...file, services: { original } }));
  });
  return {
    inspect: await engine.inspect('original'),
    refused: refused.map(({ key, value }) => `${key}: ${JSON.stringify(value)}`),
  };
}

async function composeUp(program: string, text: string, folder: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const path = join(folder, 'docker-compose.yml');
  await writeFile(path, text);
  const { code } = await attempt([program, '--project-name', 'bench', '--file', path, 'up', '--detach'], { env });
  return code === 0;
}

const cli = new URL('../../src/cli.ts', import.meta.url).pathname;

/** A task definition from saved inspect output, carried out as the ECS agent does: by the lab's stand-in. */
export const ecsodus = (version: string): Tool => ({
  name: 'ecsodus',
  version,
  describe: async (engine, folder) => {
    const files = { containers: join(folder, 'containers.json'), images: join(folder, 'images.json') };
    await writeFile(files.containers, await engine.docker('inspect', 'original'));
    await writeFile(files.images, await engine.docker('image', 'inspect', image));
    const saved = ['--containers', files.containers, '--images', files.images];
    const argv = [process.execPath, '--import', import.meta.resolve('tsx'), cli, 'plan', ...saved, '--json'];
    const document = JSON.parse(await run(argv)) as PlanDocument;
    return {
      accounting: document.accounting,
      recreate: async (target, original) => ({
        inspect: await recreateByAgent(target, document, original),
        refused: [],
      }),
    };
  },
});

async function recreateByAgent(engine: Engine, { workloads }: PlanDocument, original: Json): Promise<Json> {
  const definition = asRegistered(workloads[0]?.taskDefinition);
  const [container] = definition.containers;
  if (container === undefined) throw new Error('ecsodus planned no container');
  const taskArn = `arn:aws:ecs:${aws.region}:${aws.accountId}:task/bench/0123456789abcdef`;
  // What push-images and register-tasks do: the image under its new name, the secrets by their old values.
  await engine.docker('tag', image, container.image ?? '');
  const before = new Map(
    textsOf(recordOf(original.Config).Env).map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
  await makeVolumes(engine.api, definition, taskArn);
  const around = {
    taskArn,
    cluster: 'bench',
    region: aws.region,
    suffix: suffixOf(taskArn, container.name ?? ''),
    imageVariables: [],
    secrets: Object.fromEntries((container.secrets ?? []).map(({ name = '' }) => [name, before.get(name) ?? ''])),
    names: {},
    cgroup: '',
    volumes: dockerVolumes(definition, taskArn),
  };
  const made = await engine.api.createContainer(createOptions(definition, container, around));
  await made.start();
  const inspect = await engine.inspect(containerName(definition, container, around.suffix));
  // The agent keeps the stop timeout to itself, and gives it to Docker with the request to stop.
  return { ...inspect, Config: { ...recordOf(inspect.Config), StopTimeout: container.stopTimeout } };
}

/** As the agent is told of it. */
function asRegistered(definition: PlanDocument['workloads'][number]['taskDefinition'] | undefined): TaskDefinition {
  return {
    family: definition?.family ?? '',
    revision: 1,
    networkMode: definition?.networkMode ?? null,
    volumes: definition?.volumes ?? [],
    containers: definition?.containerDefinitions ?? [],
    cpu: definition?.cpu ?? null,
    memory: definition?.memory ?? null,
    pidMode: definition?.pidMode ?? null,
    ipcMode: definition?.ipcMode ?? null,
    executionRoleArn: definition?.executionRoleArn ?? null,
  };
}

/** A PATH on which `docker` is the droplet's own: runlike asks by that command. */
async function dockerCommand({ host }: Engine, folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'docker'), `#!/bin/sh\nexec ${enterHost(host).join(' ')} docker "$@"\n`);
  await chmod(join(bin, 'docker'), 0o755);
  return `${bin}:${process.env.PATH}`;
}
