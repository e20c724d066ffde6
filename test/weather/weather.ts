import { join } from 'node:path';
import { readJournal } from '../../src/journal.ts';
import { resources } from '../e2e/resources.ts';
import { clientView } from '../lab/client-view.ts';
import { compareSights, readProofs, see } from '../lab/compare.ts';
import { inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { makeOperator, type Operator } from '../lab/operator.ts';
import { startAwsProxy } from './aws-proxy.ts';
import { Tally } from './faults.ts';
import { FreezeWatch } from './freeze-watch.ts';
import { random } from './random.ts';
import { startRegistryProxy } from './registry-proxy.ts';
import { startSshWeather } from './ssh-weather.ts';
import { type Ending, madeTwice, strays } from './verdict.ts';
import { runWatched } from './watched.ts';

export interface Weather {
  readonly seed: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly endings: readonly Ending[];
  /** A resource that was made twice, or never; by AWS's books, and by the journal. */
  readonly strays: readonly string[];
  /** In what visitors see, and in the data. */
  readonly differences: readonly string[];
}

const mostRuns = 6;

/** What the migration of the lab's stack makes in AWS; of volumes the root disk and the data disk. */
const wanted = {
  'ec2 Instance': 1,
  'ec2 Volume': 2,
  'ec2 SecurityGroup': 1,
  'ec2 KeyPair': 1,
  'ec2 Snapshot': 1,
  'ecr Repository': 5,
  'ecs Cluster': 1,
  'ecs TaskDefinition': 1,
  'ecs Service': 1,
  'iam Role': 2,
  'iam InstanceProfile': 1,
} as const;

/** A whole migration through bad weather, begun again as long as it ends with a clear error. */
export async function weather(lab: Lab, seed: number, say: (text: string) => void): Promise<Weather> {
  const calm = await makeOperator(lab, { extra: 'settleSeconds: 4\nhealthTimeoutSeconds: 120\n' });
  const before = { sight: await see(lab, 'droplet', lab.droplet.address), books: await books(lab) };
  const tally = new Tally();
  const endings = await throughWeather(lab, calm, seed, tally, say);
  const last = endings.at(-1);
  const entries = await readJournal(join(calm.directory, '.ecsodus/blog'), 'blog');
  return {
    seed,
    faults: tally.counts,
    runs: endings.length,
    endings,
    strays: [
      ...strays(before.books, await books(lab), wanted),
      ...madeTwice(entries).map((change) => `recorded as done twice: ${change}`),
    ],
    differences: last?.kind === 'done' ? await differences(lab, before.sight) : ['the migration never came to its end'],
  };
}

async function throughWeather(
  lab: Lab,
  calm: Operator,
  seed: number,
  tally: Tally,
  say: (text: string) => void,
): Promise<Ending[]> {
  const freeze = new FreezeWatch();
  const registry = await startRegistryProxy(lab, seed, tally);
  const port = lab.moto?.port ?? 0;
  const aws = await startAwsProxy({ port, draw: random(seed, 'aws'), tally, onToken: registry.renewed });
  const mayDrop = () => freeze.mayDrop();
  const calmDown = startSshWeather({ lab: lab.name, draw: random(seed, 'ssh'), tally, mayDrop });
  const operator = { ...calm, env: { ...calm.env, AWS_ENDPOINT_URL: aws.url } };
  const endings: Ending[] = [];
  try {
    while (endings.length < mostRuns && endings.every(({ kind }) => kind === 'error')) {
      const ending = await runWatched(operator, (event) => freeze.see(event));
      endings.push(ending);
      say(`run ${endings.length}: ${told(ending)}`);
    }
  } finally {
    await calmDown();
    aws.close();
    registry.close();
  }
  return endings;
}

const told = (ending: Ending): string =>
  ending.kind === 'done' ? 'done' : ending.kind === 'bad' ? ending.why : `${ending.code}: ${ending.message}`;

/** From moto's own books; of what those hold more of than an account has, from what the lab's hosts are shown. */
async function books(lab: Lab): Promise<Map<string, number>> {
  const counted = (await resources(lab)).map((line): [string, number] => {
    const [, kind = '', count] = /^(.*) (\d+)$/.exec(line) ?? [];
    return [kind, Number(count)];
  });
  const answer = await fetch(`${clientView(lab).aws.endpoint}/lab/state`, { method: 'POST' });
  const { volumes, snapshots, services } = (await answer.json()) as Record<string, unknown[]>;
  return new Map([
    ...counted,
    ['ec2 Volume', volumes?.length ?? 0],
    ['ec2 Snapshot', snapshots?.length ?? 0],
    ['ecs Service', services?.length ?? 0],
  ]);
}

async function differences(lab: Lab, original: Awaited<ReturnType<typeof see>>): Promise<string[]> {
  const host = await labHost(lab.name, 'instance');
  const [now, proofs] = [await see(lab, host.name, host.address), await readProofs(host)];
  const unlike = compareSights(original, now, 'after the move').filter(({ status }) => status === 'fail');
  const list = (at: string) => `cd ${at} && find . -type f -exec sha256sum {} + | sort | sha256sum`;
  const uploads = await Promise.all([
    inShell(await labHost(lab.name, 'droplet'), list('/var/lib/docker/volumes/blog-uploads/_data')),
    inShell(host, list('/data/volumes/blog-uploads')),
  ]);
  return [
    ...unlike.map(({ name, reason }) => `${name}: ${reason}`),
    ...(proofs.length === 0 ? ['no dataset was proved'] : []),
    ...(uploads[0] === uploads[1] ? [] : ['the uploads are not the same']),
  ];
}
