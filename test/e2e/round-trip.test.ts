import { ECS } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { down } from '../lab/down.ts';
import { type Host, labHost } from '../lab/host.ts';
import { aws, type Lab } from '../lab/lab.ts';
import { motoUrl } from '../lab/moto.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { startTorture } from '../lab/torture/droplet.ts';
import { explain, type Pair, speaksOf } from '../lab/torture/explain.ts';
import { digests, makeCalls } from '../lab/torture/look.ts';
import { document } from '../lab/torture/operator.ts';
import { pairUp, type Seen, seeSource, seeTarget } from '../lab/torture/sight.ts';
import { rows } from '../lab/torture/stack.ts';
import { up } from '../lab/up.ts';

const name = process.env.ROUND_TRIP_LAB ?? 'round-trip';
let lab: Lab;
let operator: Operator;
let source: Seen[];
let target: Seen[];
let plan: PlanDocument;
let pairs: Pair[];
/** By container and mount, as its processes saw them before the move. */
let files: Record<string, Record<string, string>>;

beforeAll(async () => {
  lab = await up(name, startTorture);
  operator = await makeOperator(lab, { document });
});

afterAll(() => (process.env.ROUND_TRIP_LAB ? undefined : down(name)));

const droplet = () => labHost(name, 'droplet');
const instance = () => labHost(name, 'instance');

/** Answers that are not the wanted one, as text. */
const wrong = (answers: readonly { call: string; wanted: string; answer: string }[]): string[] =>
  answers
    .filter(({ wanted, answer }) => answer !== wanted)
    .map(({ call, wanted, answer }) => `${call}: ${answer}, not ${wanted}`);

async function filesOf(host: Host, containers: readonly Seen[]): Promise<Record<string, Record<string, string>>> {
  const found = containers.map(async (each) => [each.name, await digests(host, each)] as const);
  return Object.fromEntries(await Promise.all(found));
}

describe('a round trip of every setting', () => {
  it('begins with a source on which every name resolves', async () => {
    source = await seeSource(await droplet());
    expect(source.map((each) => each.name).sort()).toEqual(
      rows
        .filter(({ ends }) => !ends)
        .map((row) => row.name)
        .sort(),
    );
    expect(wrong(await makeCalls(await droplet(), source))).toEqual([]);
    files = await filesOf(await droplet(), source);
  });

  it('migrates', async () => {
    const { code, stderr } = await ecsodus(operator, 'run', '--yes');
    expect(code, stderr).toBe(0);
    const shown = await ecsodus(operator, 'plan', '--json');
    plan = JSON.parse(shown.stdout) as PlanDocument;
    target = await seeTarget(await instance(), plan);
    const client = { endpoint: motoUrl(lab.moto ?? { port: 0 }), region: aws.region, credentials: aws };
    const found = await pairUp(source, target, plan, new ECS(client));
    expect(found.missing).toEqual([]);
    pairs = found.pairs;
  });

  it('has a word in its accounting for every setting the stack is made of', () => {
    const silent = rows.flatMap(({ name: container, covers }) =>
      covers
        .filter((path) => !plan.accounting.some((row) => row.container === container && speaksOf(path, row.setting)))
        .map((path) => `${container} ${path}`),
    );
    expect(silent).toEqual([]);
  });

  it('leaves no difference that accounting did not name', () => {
    const unexplained = pairs.flatMap((pair) => explain(pair).unexplained);
    expect(
      unexplained.map(
        ({ container, path, source: was, target: is, claim }) => `${container} ${path}: ${was} → ${is} (${claim})`,
      ),
    ).toEqual([]);
  });

  it('leads every name to the peer it led to', async () => {
    expect(wrong(await makeCalls(await instance(), target))).toEqual([]);
  });

  it('has the same files at every mount', async () => {
    const here = await filesOf(await instance(), target);
    const differ = pairs.flatMap(({ container, rows: accounting }) =>
      Object.entries(files[container] ?? {})
        .filter(([path]) => !accounting.some((row) => row.setting === `Mounts.${path}` && row.outcome !== 'mapped'))
        .filter(([path, digest]) => here[container]?.[path] !== digest)
        .map(([path, digest]) => `${container} ${path}: ${digest} → ${here[container]?.[path]}`),
    );
    expect(differ).toEqual([]);
  });
});
