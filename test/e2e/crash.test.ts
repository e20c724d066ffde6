import { afterAll, beforeAll, expect, it } from 'vitest';
import { crashThrough } from '../crash/story.ts';
import { down } from '../lab/down.ts';
import type { Lab } from '../lab/lab.ts';
import { up } from '../lab/up.ts';

const name = 'crash-small';
let lab: Lab;

beforeAll(async () => {
  lab = await up(name);
});

afterAll(() => down(name));

it('killed here and there, it goes on: nothing twice, nothing left, nothing lost', async () => {
  const said: string[] = [];
  const outcome = await crashThrough(lab, {
    seed: Number(process.env.CRASH_SEED ?? 1),
    kills: 3,
    boundaries: 6,
    say: (line) => said.push(line),
  });
  const found = [...outcome.strays, ...outcome.repeated, ...outcome.differences];
  expect(found, said.join('\n')).toEqual([]);
  expect(outcome).toMatchObject({ kills: 9, boundaries: 6, resumes: 9 });
});
