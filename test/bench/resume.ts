import { setTimeout as delay } from 'node:timers/promises';
import { disturbed } from '../lab/disturbed.ts';
import { down } from '../lab/down.ts';
import { makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';

interface Resumed {
  /** The change that was begun first after the kill. */
  readonly change: string;
  /** From the start of the command to there; the best of three. */
  readonly seconds: number;
}

/** Where the run is killed: each time a change further on is the first that is left. */
const points = [
  ['push-images', 'push:'],
  ['provision', 'group:'],
  ['sync-data', 'dataset:'],
  ['register-tasks', 'service:'],
  ['cut-over', 'catch-up:'],
] as const;
const rounds = 3;

/** How long a run that was killed needs to its first new change, when nothing has changed meanwhile. */
export async function resume({ json }: { readonly json: boolean }): Promise<void> {
  const lab = 'bench-resume';
  try {
    const operator = await makeOperator(await up(lab), { extra: 'snapshot: none\nsettleSeconds: 1\n' });
    const found: Resumed[] = [];
    for (const [step, change] of points) {
      await killAt(operator, `"change-begin","step":"${step}".*"id":"${change}`);
      const seconds = [];
      let at = '';
      for (let round = 0; round < rounds; round++) {
        await delay(2000);
        const killed = await killAt(operator, '"change-begin"');
        seconds.push(killed.seconds);
        at = killed.change;
      }
      found.push({ change: at, seconds: Math.min(...seconds) });
      process.stderr.write(`bench: ${at}: ${seconds.map((each) => each.toFixed(2)).join(', ')} s\n`);
    }
    process.stdout.write(json ? `${JSON.stringify({ resume: found })}\n` : text(found));
  } finally {
    await down(lab);
  }
}

async function killAt(operator: Operator, when: string): Promise<Resumed> {
  const began = performance.now();
  let seconds = 0;
  const { lines } = await disturbed(operator, ['run', '--yes'], new RegExp(when), (child) => {
    seconds = (performance.now() - began) / 1000;
    child.kill('SIGKILL');
  });
  const first = lines.map((line) => JSON.parse(line)).find(({ type }) => type === 'change-begin');
  return { change: `${first?.step} ${first?.change.id}`, seconds };
}

const text = (found: readonly Resumed[]): string =>
  found.map(({ change, seconds }) => `${seconds.toFixed(2).padStart(6)} s to ${change}\n`).join('');
