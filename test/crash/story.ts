import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { seeAws } from '../lab/aws-sight.ts';
import { run } from '../lab/command.ts';
import { compareSights, type Sight, see } from '../lab/compare.ts';
import { inShell, labHost } from '../lab/host.ts';
import { asFinished, dataDifferences, leftOn, seeSource } from '../lab/host-sight.ts';
import type { Lab } from '../lab/lab.ts';
import { factsThatDiffer } from '../lab/nasty/describe.ts';
import { makeOperator, type Operator } from '../lab/operator.ts';
import { compareAws, type Moment, wantedAws } from './aws-wanted.ts';
import { type Crashing, handingBack, handingOver, killings, type Phase, phases } from './phases.ts';
import { readEntries, repeated } from './repeated.ts';
import { type Tally, untilDone } from './until-done.ts';

export interface Outcome {
  readonly kills: number;
  readonly boundaries: number;
  readonly resumes: number;
  readonly strays: readonly string[];
  readonly repeated: readonly string[];
  readonly differences: readonly string[];
}

/** Moves the lab's stack, back, and again, with kills, and looks at everything between. The lab is up and fresh. */
export async function crashThrough(lab: Lab, crashing: Crashing): Promise<Outcome> {
  const operator = await makeOperator(lab, {
    extra: 'settleSeconds: 2\nhealthTimeoutSeconds: 120\nsampleSeconds: 1\nsnapshot: local\n',
  });
  const found = findings(crashing.say);
  // moto has some things from its beginning, as an account has.
  const looks = looksAt(lab, found, await seeAws(lab));
  const plan = killings(crashing, {
    [handingOver]: () => looks.data('at hand-over', 'all'),
    [handingBack]: () => looks.data('at hand-back', 'all'),
  });
  const tallies: Tally[] = [];
  const goes = async (phase: Phase) => {
    const tally = await untilDone(operator, phases[phase].words, plan[phase]);
    tallies.push(tally);
    found.differences('a command that goes on', tally.failures);
  };

  const [source, pages] = [await seeSource(lab.name), await sightOf(lab, 'droplet')];
  await goes('run');
  await looks.aws('cut over', 1);
  await looks.pages('of the target after run', pages, 'instance');
  await looks.data('after run', 'but the database');

  await write(lab);
  const written = await sightOf(lab, 'instance');
  await goes('rollback');
  await looks.aws('rolled back', 1);
  await looks.pages('of the source after rollback', written, 'droplet');
  await looks.source('after rollback', source);
  // The key and the marks that a second cut-over needs stay.
  await looks.leftovers('after rollback', /: \/run\/ecsodus\/(?!.*\/back-key)|\/receive-|:data$/);

  await goes('again');
  await looks.aws('cut over', 2);
  await goes('finish');
  await looks.aws('finished', 2);
  await looks.pages('of the target after finish', written, 'instance');
  await looks.data('after finish', 'but the database');
  await looks.source('after finish', asFinished(source));
  await looks.leftovers('after finish', /^$/);
  found.differences("in the operator's folder", await leftInFolder(operator));

  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    kills: sum(({ boundaries, random }) => boundaries + random),
    boundaries: sum(({ boundaries }) => boundaries),
    resumes: sum(({ resumes }) => resumes),
    ...found.all,
    repeated: repeated(await readEntries(operator)),
  };
}

/** Gathers what is wrong, and says it at once. */
function findings(say: Crashing['say']) {
  const all = { strays: [] as string[], differences: [] as string[] };
  const add = (kind: keyof typeof all) => (where: string, lines: readonly string[]) => {
    for (const line of lines) {
      say(`${kind.toUpperCase()} ${where}: ${line}`);
      all[kind].push(`${where}: ${line}`);
    }
  };
  return { all, strays: add('strays'), differences: add('differences') };
}

/** Looks at one thing each, and says what is not as it should be; `when` is where the migration stands. */
const looksAt = (lab: Lab, { strays, differences }: ReturnType<typeof findings>, others: readonly string[]) => ({
  aws: async (when: Moment, freezes: number) => {
    const seen = compareAws([...others, ...wantedAws(when, lab.prefix, freezes)], await seeAws(lab));
    strays(`in AWS, ${when}`, seen.strays);
    differences(`not in AWS, ${when}`, seen.missing);
  },
  pages: async (when: string, wanted: Sight, host: 'droplet' | 'instance') => {
    const checks = compareSights(wanted, await sightOf(lab, host), 'now').filter(({ status }) => status === 'fail');
    differences(
      `pages and rows ${when}`,
      checks.map(({ name, reason }) => `${name}: ${reason}`),
    );
  },
  data: async (when: string, which: 'all' | 'but the database') =>
    differences(`data ${when}`, await dataDifferences(lab.name, which)),
  source: async (when: string, wanted: ReadonlySet<string>) =>
    differences(`the source ${when}`, factsThatDiffer(wanted, await seeSource(lab.name))),
  leftovers: async (when: string, mayStay: RegExp) => {
    const hosts = await Promise.all([labHost(lab.name, 'droplet'), labHost(lab.name, 'instance')]);
    const left = (await Promise.all(hosts.map(leftOn))).flat();
    differences(
      `left ${when}`,
      left.filter((line) => !mayStay.test(line)),
    );
  },
});

async function sightOf(lab: Lab, which: 'droplet' | 'instance'): Promise<Sight> {
  const { name, address } = await labHost(lab.name, which);
  return see(lab, name, address);
}

/** Something that only the target has: a row and a file, to be brought back. */
async function write(lab: Lab): Promise<void> {
  const url = `http://${lab.droplet.address}/posts`;
  await run(['curl', '-sf', '-H', 'Host: blog.example.test', '-d', '{"title":"written on the target"}', url]);
  await inShell(await labHost(lab.name, 'instance'), 'echo live > /data/volumes/blog-uploads/written-on-target');
}

/** The operator's folder: no lock that nobody holds, no file that is half written. */
async function leftInFolder({ directory }: Operator): Promise<string[]> {
  const names = await readdir(join(directory, '.ecsodus/blog'), { recursive: true });
  return names.filter((name) => /(^|\/)lock$|\.new$/.test(name)).map((name) => `operator: ${name}`);
}
