import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, run } from '../lab/command.ts';
import { installPeers } from './peers.ts';

const fixture = (file: string): string => new URL(`../fixtures/inspect/${file}`, import.meta.url).pathname;
const cli = new URL('../../dist/cli.js', import.meta.url).pathname;

/** Prints the most memory that the process had, in KiB, as its last line on stderr. */
export const watch =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+process.resourceUsage().maxRSS))';

type Inspect = Record<string, unknown> & { Config: Record<string, unknown>; HostConfig: Record<string, unknown> };

/** Containers with nearly every setting there is, eight on a network, each of which calls two others of it. */
async function containers(count: number): Promise<Inspect[]> {
  const recorded = JSON.parse(await readFile(fixture('containers.json'), 'utf8')) as Inspect[];
  const sink = recorded.find(({ Name }) => Name === '/sink');
  if (sink === undefined) throw new Error('the recorded containers have no sink');
  return Array.from({ length: count }, (_, index) => {
    const [network, place] = [Math.floor(index / 8), index % 8];
    const peer = (step: number) => `svc-${Math.min(network * 8 + ((place + step) % 8), count - 1)}`;
    return {
      ...sink,
      Id: index.toString(16).padStart(64, '0'),
      Name: `/svc-${index}`,
      Config: {
        ...sink.Config,
        Labels: {},
        Env: [...(sink.Config.Env as string[]), `NEXT=http://${peer(1)}:${8000 + index}/`, `DB_HOST=${peer(3)}`],
      },
      HostConfig: { ...sink.HostConfig, VolumesFrom: null, PortBindings: {}, NetworkMode: `net-${network}` },
      Mounts: [{ Type: 'volume', Name: `data-${index}`, Source: `/d/${index}`, Destination: '/data', RW: true }],
      NetworkSettings: { Networks: { [`net-${network}`]: { Aliases: [] } } },
    };
  });
}

interface Measured {
  readonly containers: number;
  /** Medians of five. */
  readonly seconds: number;
  readonly mib: number;
}

/** How long an offline plan takes and how much memory, beside runlike, which describes one container at a time. */
export async function plan({ json }: { readonly json: boolean }): Promise<void> {
  const peers = await installPeers();
  const folder = await mkdtemp(join(tmpdir(), 'ecsodus-bench-'));
  try {
    const measured: Measured[] = [];
    for (const count of [1, 50, 200, 500]) measured.push(await planOf(count, folder));
    const described = await describeAll(peers.runlike, await containers(200), folder);
    const ours = measured.find((each) => each.containers === 200)?.seconds ?? Number.NaN;
    const result = { ecsodus: measured, runlike: { containers: 200, seconds: described }, ratio: described / ours };
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text(result)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function planOf(count: number, folder: string): Promise<Measured> {
  const file = join(folder, `${count}.json`);
  await writeFile(file, JSON.stringify(await containers(count)));
  const argv = [
    'node',
    '--import',
    watch,
    cli,
    'plan',
    '--containers',
    file,
    '--images',
    fixture('images.json'),
    '--json',
  ];
  const seconds: number[] = [];
  const kib: number[] = [];
  for (let time = 0; time < 5; time++) {
    const started = performance.now();
    const { stderr, code } = await attempt(argv);
    if (code !== 0) throw new Error(stderr);
    seconds.push((performance.now() - started) / 1000);
    kib.push(Number(stderr.trim().split('\n').at(-1)));
  }
  return { containers: count, seconds: median(seconds), mib: median(kib) / 1024 };
}

/** Seconds. Its --stdin takes what `docker inspect` printed. */
async function describeAll(runlike: string, all: readonly Inspect[], folder: string): Promise<number> {
  const files = await Promise.all(
    all.map(async (container, index) => {
      const file = join(folder, `one-${index}.json`);
      await writeFile(file, JSON.stringify([container]));
      return file;
    }),
  );
  const started = performance.now();
  for (const file of files) await run(['sh', '-c', '"$0" --stdin <"$1"', runlike, file]);
  return (performance.now() - started) / 1000;
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[2] ?? Number.NaN;

const text = ({
  ecsodus,
  runlike,
  ratio,
}: {
  ecsodus: Measured[];
  runlike: { seconds: number };
  ratio: number;
}): string =>
  [
    ...ecsodus.map(
      (each) =>
        `ecsodus plan  ${String(each.containers).padStart(4)} containers  ${each.seconds.toFixed(2)} s  ${each.mib.toFixed(0)} MiB`,
    ),
    `runlike        200 containers  ${runlike.seconds.toFixed(2)} s, one process each: ${ratio.toFixed(1)} times as long`,
  ].join('\n');
