import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepIds } from '../../../steps/ids.ts';
import { steps } from '../../../steps/index.ts';

const root = new URL('../../..', import.meta.url).pathname;
const statements = /^(?:import|export)\s+(?!type\s)(?:[^;']*?\sfrom\s+)?'([^']+)'/gm;

/** Packages and files that come along as soon as `file` is loaded: its imports and theirs, but for `import()`. */
function comesAlong(file: string, seen = new Set<string>()): Set<string> {
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(statements)) {
    if (!name.startsWith('.')) seen.add(name);
    else {
      const path = resolve(dirname(file), name);
      if (seen.has(path)) continue;
      seen.add(path);
      comesAlong(path, seen);
    }
  }
  return seen;
}

const heavy = /^(@aws-sdk|ssh2|ssh-config|dockerode|listr2|inquirer)|steps\/index\.ts$/;
const heavyOf = (file: string) => [...comesAlong(join(root, file))].filter((name) => heavy.test(name));

describe('what is loaded', () => {
  it('for --help: commander, and nothing heavy', () => {
    const packages = [...comesAlong(join(root, 'src/cli.ts'))].filter((name) => !/^(\/|node:)/.test(name));
    expect(packages).toEqual(['commander']);
    expect(heavyOf('src/cli.ts')).toEqual([]);
  });

  it('for an offline plan: neither steps nor SDK, ssh2 or dockerode', () => {
    expect(heavyOf('src/cli/offline-plan.ts')).toEqual([]);
  });

  it('never the schema of the plan document, which is for its readers', () => {
    for (const file of ['src/cli/plan.ts', 'src/cli/offline-plan.ts', 'src/cli/run.ts'])
      expect([...comesAlong(join(root, file))].filter((path) => path.endsWith('/plan-schema.ts'))).toEqual([]);
  });

  it('by this measure, for a live plan: ssh2 and more', () => {
    expect(heavyOf('src/cli/plan.ts')).toEqual(expect.arrayContaining(['ssh2', 'dockerode']));
  });
});

it('the list of step ids is that of the steps, and of their files', () => {
  expect(stepIds).toEqual(steps.map(({ id }) => id));
  expect(stepIds.filter((id) => !existsSync(join(root, 'steps', `${id}.ts`)))).toEqual([]);
});
