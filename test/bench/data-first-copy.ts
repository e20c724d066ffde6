import { dataKey, probeCommand } from '../../src/data-key.ts';
import { compressionFile, compressionFor, parseProbe } from '../../src/link.ts';
import { dataRoot, targetUser } from '../../src/names.ts';
import { rsyncArguments, sshArguments } from '../../src/rsync/arguments.ts';
import { copyScript, streamLetters } from '../../src/rsync/copy-script.ts';
import { sh } from '../../src/shell.ts';
import { labHost } from '../lab/host.ts';
import { endRelay, startRelay } from '../lab/relay.ts';
import { lab, onDroplet, onInstance } from './data-droplet.ts';
import { dropCaches, migration } from './data-operator.ts';
import { letIn, nearWay, rsyncAz, tarOverSsh, type Way } from './data-peers.ts';

export interface FirstCopy {
  readonly dataset: string;
  readonly relayMs: number;
  readonly seconds: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly ratioToBestPeer: number;
}

const from = '/srv/first';
const to = 'first';
const rounds = 2;

const datasets = { '50,000 files of 0.1 to 4 KB': 'small', 'one file of 600 MB': 'large' } as const;

const makeDatasets = `
import os, random
random.seed(1)
for folder in range(1000):
    path = '${from}/small/%03d' % folder
    os.makedirs(path)
    for number in range(50):
        with open('%s/%d' % (path, number), 'wb') as file:
            file.write(os.urandom(random.randint(100, 4096)))
os.makedirs('${from}/large')
with open('${from}/large/file', 'wb') as file:
    for _ in range(600):
        file.write(os.urandom(10**6))
`;

/** The first copy by the product's own script, and by what people use, through the same way to the same disk. */
export async function firstCopies(): Promise<FirstCopy[]> {
  await onDroplet(`rm -rf ${from}; python3 -`, makeDatasets);
  await letIn();
  const near = await nearWay();
  const far: Way = { ...near, address: '127.0.0.1', port: 2222 };
  const relay = await startRelay({ on: await labHost(lab, 'droplet'), listen: far, to: near, delayMs: 20 });
  try {
    return [...(await throughOne(near, 0)), ...(await throughOne(far, 20))];
  } finally {
    endRelay(relay);
    await onDroplet(`rm -rf ${from}`);
  }
}

async function throughOne(way: Way, relayMs: number): Promise<FirstCopy[]> {
  await measureLink(way);
  const copies: FirstCopy[] = [];
  for (const [dataset, folder] of Object.entries(datasets)) {
    const { ecsodus: seconds = Number.NaN, ...peers } = await best(folder, {
      ecsodus: ours(folder, way),
      'rsync -az': rsyncAz(`${from}/${folder}`, `${to}/${folder}`, way),
      'tar | ssh tar': tarOverSsh(`${from}/${folder}`, `${to}/${folder}`, way),
    });
    copies.push({ dataset, relayMs, seconds, peers, ratioToBestPeer: seconds / Math.min(...Object.values(peers)) });
  }
  return copies;
}

/** Seconds of the faster of two rounds, each tool's turn in each. */
async function best(folder: string, scripts: Readonly<Record<string, string>>): Promise<Record<string, number>> {
  const seconds: Record<string, number> = {};
  for (let round = 0; round < rounds; round++)
    for (const [tool, script] of Object.entries(scripts))
      seconds[tool] = Math.min(seconds[tool] ?? Number.POSITIVE_INFINITY, await timed(folder, script));
  return seconds;
}

/** To an empty directory, from a disk of which nothing is in memory; what did not arrive is no copy. */
async function timed(folder: string, script: string): Promise<number> {
  const there = `${dataRoot}/${to}/${folder}`;
  await onInstance(`rm -rf ${there}; mkdir -p ${there}; sync`);
  await dropCaches();
  const began = performance.now();
  await onDroplet(script);
  const seconds = (performance.now() - began) / 1000;
  const list = (path: string) => `cd ${path}; find . -type f -printf '%p %s\\n' | sort | sha256sum`;
  if ((await onDroplet(list(`${from}/${folder}`))) !== (await onInstance(list(there))))
    throw new Error(`not everything of ${folder} arrived by: ${script}`);
  await onInstance(`rm -rf ${there}`);
  return seconds;
}

const keyFiles = (({ privateKey: key, knownHosts, route }) => ({ key, knownHosts, route }))(dataKey(migration));

/** As a run does once before its first copy: what compresses follows from it. */
async function measureLink(way: Way): Promise<void> {
  await onDroplet(sh`printf 'Port %s\n' ${way.port} > ${keyFiles.route}`);
  const ssh = sshArguments({ ...keyFiles, ...way });
  const said = await onDroplet(
    sh`head -c 67108864 /dev/zero | ${[...ssh, `${targetUser}@${way.address}`, probeCommand]}`,
  );
  const version = (await onDroplet('rsync --version')).split(/\s+/)[2] ?? '';
  const option = compressionFor(parseProbe(said) ?? Number.NaN, version);
  await onDroplet(sh`printf %s ${option} >${compressionFile(migration)}`);
}

/** The first copy of a dataset, as a run makes it. */
function ours(folder: string, way: Way): string {
  const root = `${from}/${folder}`;
  const transfer = {
    kind: 'directory',
    from: root,
    to: `${to}/${folder}`,
    user: targetUser,
    ...keyFiles,
    ...way,
  } as const;
  const lists = streamLetters.map((letter) => `/tmp/first-${letter}`);
  const script = copyScript({
    argv: rsyncArguments(transfer),
    sparse: { root, answer: '/tmp/first-holes', look: true },
    // A run has streams for thousands of files.
    streams:
      folder === datasets['50,000 files of 0.1 to 4 KB']
        ? { root, lists, argv: lists.map((names) => rsyncArguments({ ...transfer, names, recursive: true })) }
        : undefined,
    large: {
      root,
      names: '/tmp/first-large',
      linked: '/tmp/first-linked',
      argv: rsyncArguments({ ...transfer, names: '/tmp/first-large', inPlace: true }),
    },
    refresh: '',
    passes: 1,
    smallBytes: 0,
    retries: 0,
    live: true,
    compression: compressionFile(migration),
  });
  return `export JOB_LOG=/tmp/first.log; (${script}) >$JOB_LOG 2>&1`;
}
