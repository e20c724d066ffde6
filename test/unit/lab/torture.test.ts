import { describe, expect, it } from 'vitest';
import { rules } from '../../../src/ecs/rules.ts';
import { allSettings, impossible } from '../../lab/torture/all-settings.ts';
import { rows } from '../../lab/torture/stack.ts';

const covered = new Set(rows.flatMap(({ covers }) => covers));

describe('the torture stack', () => {
  it('has at least 25 containers, each by its own name', () => {
    expect(rows.filter(({ ends }) => !ends).length).toBeGreaterThanOrEqual(25);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  it('is made of every setting that a container in the lab can have', () => {
    expect(allSettings.filter((path) => !covered.has(path) && !(path in impossible))).toEqual([]);
  });

  it('excuses nothing that it has, and names nothing that is no setting', () => {
    expect(Object.keys(impossible).filter((path) => covered.has(path))).toEqual([]);
    expect([...covered, ...Object.keys(impossible)].filter((path) => !allSettings.includes(path))).toEqual([]);
  });

  it('knows every setting that ecsodus has a rule for', () => {
    expect(Object.keys(rules).filter((path) => !allSettings.includes(path))).toEqual([]);
  });
});
