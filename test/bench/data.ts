import { down } from '../lab/down.ts';
import type { Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';
import { bytesOf, clearDroplet, growFiles, lab, page, source, startFiles } from './data-droplet.ts';
import { type FirstCopy, firstCopies } from './data-first-copy.ts';
import { freezeOfInnodb } from './data-innodb.ts';
import { moveAMillion } from './data-million.ts';
import { type Frozen, follow, freeze, giveBack, operatorOf, type Parts } from './data-operator.ts';
import { letIn } from './data-peers.ts';
import { stopAndCopy } from './data-plain.ts';
import { dataText } from './data-text.ts';

export interface Freeze {
  readonly bytes: number;
  /** Without a good answer at the old address. */
  readonly seconds: number;
  readonly parts: Parts;
  /** The most memory of the operator's process. */
  readonly mib: number;
}

export interface DataResult {
  readonly freeze: readonly Freeze[];
  readonly plainWay: readonly { readonly bytes: number; readonly seconds: number }[];
  readonly firstCopy: readonly FirstCopy[];
  readonly innodb: Freeze;
}

const sizesMib = [100, 1024, 4096];
const rounds = 2;

/** What the size of the data does to the freeze, and what a first copy takes, beside what people use; one lab for all. */
export async function data({ json, million }: { readonly json: boolean; readonly million: boolean }): Promise<void> {
  try {
    const standing = await up(lab);
    await clearDroplet();
    await startFiles();
    const operator = await operatorOf(standing, page);
    if (million)
      return say({ mib: await moveAMillion(operator) }, json, ({ mib }) => `most memory: ${mib.toFixed(0)} MiB`);
    await follow(operator, ['run', '--yes', '--json', '--until', 'sync-data']);
    await letIn();
    tell('first copies');
    const firstCopy = told(await firstCopies());
    const frozen = [];
    for (const size of sizesMib) frozen.push(told(await measureSize(size, operator)));
    tell('a freeze with one table space of 4 GB');
    const innodb = ourTime(await freezeOfInnodb(operator));
    const result = {
      freeze: frozen.map(({ ours }) => ours),
      plainWay: frozen.map(({ plain }) => plain),
      firstCopy,
      innodb,
    };
    say(result, json, dataText);
  } finally {
    await down(lab);
  }
}

/** A part's figures are there even where a later one fails. */
function told<T>(part: T): T {
  tell(JSON.stringify(part));
  return part;
}

/** Both ways, with the same data: the best of two rounds each. */
async function measureSize(sizeMib: number, operator: Operator) {
  await growFiles(sizeMib);
  const bytes = await bytesOf(source);
  let [ours, copied] = [undefined as Freeze | undefined, Number.POSITIVE_INFINITY];
  for (let round = 1; round <= rounds; round++) {
    tell(`a freeze with ${sizeMib} MiB, round ${round}`);
    const freezing = ourTime({ ...(await freeze(operator)), bytes });
    await giveBack(operator);
    if (ours === undefined || freezing.seconds < ours.seconds) ours = freezing;
    copied = Math.min(copied, await stopAndCopy());
  }
  if (ours === undefined) throw new Error('no round');
  return { ours, plain: { bytes, seconds: copied + startOf(ours.parts) } };
}

const ourTime = ({ bytes, downtimeSeconds, parts, mib }: Frozen & { readonly bytes: number }): Freeze => ({
  bytes,
  seconds: downtimeSeconds,
  parts,
  mib,
});

/** The application's own start, which the plain way waits for as well. */
const startOf = ({ start = 0, open = 0, forward = 0 }: Parts): number => start + open + forward;

const tell = (what: string): boolean => process.stderr.write(`bench: ${what}\n`);

function say<Result>(result: Result, json: boolean, text: (result: Result) => string): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text(result)}\n`);
}
