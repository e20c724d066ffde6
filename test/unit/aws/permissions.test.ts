import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { neededActions, permissions } from '../../../src/aws/permissions.ts';

const folder = new URL('../../../src/aws/', import.meta.url);

/** IAM's names of the calls that src/aws imports from the SDK. */
function imported(): Set<string> {
  const found = new Set<string>();
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    for (const [, names = '', service = ''] of text.matchAll(
      /import(?! type) \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g,
    )) {
      for (const [, call, page] of names.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b(?!Input)/g))
        found.add(`${service.replace('-', '')}:${call ?? page}`);
    }
  }
  return found;
}

test('every call is in the list of permissions, and nothing else is', () => {
  expect([...new Set(permissions.flatMap(({ actions }) => actions))].sort()).toEqual([...imported()].sort());
});

test('what a migration needs is what its steps call and imply, and the store of secrets that it uses', () => {
  const [ssm, manager] = [neededActions('ssm'), neededActions('secrets-manager')];
  expect(ssm).toEqual(expect.arrayContaining(['iam:PassRole', 'ec2:RunInstances', 'ecr:PutImage', 'ec2:CreateTags']));
  expect(ssm).not.toContain('servicequotas:GetServiceQuota');
  expect(manager.filter((action) => !ssm.includes(action)).every((action) => /^secretsmanager:/.test(action))).toBe(
    true,
  );
  expect(manager.length).toBeGreaterThan(ssm.length);
});

test('no step lists an action twice', () => {
  for (const { actions, implied = {} } of permissions) {
    const all = [...actions, ...Object.keys(implied)];
    expect(new Set(all).size).toBe(all.length);
  }
});

test('a migration needs what makes it, not what undoes it', () => {
  expect(neededActions('ssm')).toContain('ec2:RunInstances');
  expect(neededActions('ssm')).not.toContain('ec2:TerminateInstances');
});
