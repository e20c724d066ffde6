import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { wayFinding, wayOf } from '../../src/data-way.ts';
import type { Reach } from '../../src/reach.ts';

const reached: Reach = { reached: true, address: '203.0.113.9', said: 'reached' };
const missed: Reach = { reached: false, address: '203.0.113.9', said: 'timed out' };
const saysSo = '"dataWay" in ecsodus.yaml says so';
const straight = 'The data goes straight from droplet to the target';
const through = 'The data goes through this machine';
const does = 'droplet reaches port 22 of 203.0.113.9';
const doesNot = 'droplet does not reach port 22 of 203.0.113.9 (timed out)';

describe('the way of the data', () => {
  it.each<[Config['dataWay'], Reach | undefined, ReturnType<typeof wayOf>, string, string]>([
    [
      'auto',
      undefined,
      undefined,
      'info',
      `${straight} if that can be reached from there, and else through this machine.`,
    ],
    ['auto', reached, 'straight', 'info', `${straight}: ${does}.`],
    ['auto', missed, 'tunnel', 'info', `${through}: ${doesNot}.`],
    ['straight', undefined, 'straight', 'info', `${straight}: ${saysSo}.`],
    ['straight', reached, 'straight', 'info', `${straight}: ${saysSo}; ${does}.`],
    ['straight', missed, 'straight', 'warning', `${straight}: ${saysSo}; ${doesNot}.`],
    ['tunnel', undefined, 'tunnel', 'info', `${through}: ${saysSo}.`],
    ['tunnel', reached, 'tunnel', 'info', `${through}: ${saysSo}; ${does}.`],
    ['tunnel', missed, 'tunnel', 'info', `${through}: ${saysSo}; ${doesNot}.`],
  ])('%s, %j: %s', (setting, reach, way, level, message) => {
    expect(wayOf(setting, reach)).toBe(way);
    expect(wayFinding(setting, reach, 'droplet')).toMatchObject({
      code: 'data-way',
      subject: 'droplet',
      level,
      message,
    });
  });
});
