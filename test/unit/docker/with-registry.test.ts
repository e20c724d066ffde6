import { expect, it, vi } from 'vitest';
import type { RegistryCredentials } from '../../../src/docker/docker.ts';
import { withRegistry } from '../../../src/docker/with-registry.ts';
import { MigrationError } from '../../../src/errors.ts';
import { Secret } from '../../../src/secret.ts';

vi.mock('../../../src/aws/wait.ts', async (original) => ({ ...(await original<object>()), pause: async () => {} }));

let tokens = 0;
const aws = {
  registryCredentials: async (options?: { fresh: boolean }): Promise<RegistryCredentials> => {
    if (options?.fresh) tokens++;
    return { host: 'r', username: `token ${tokens}`, password: new Secret('x') };
  },
};

/** What each try meets: an error's code, or nothing where it goes well. */
async function tried(...answers: readonly string[]): Promise<string[]> {
  tokens = 0;
  const seen: string[] = [];
  const call = async ({ username }: RegistryCredentials) => {
    const code = answers[seen.length] ?? '';
    seen.push(username);
    if (code !== '') throw new MigrationError(code, code, {});
  };
  const outcome = await withRegistry(aws, call).then(
    () => 'done',
    (error: MigrationError) => error.code,
  );
  return [...seen, outcome];
}

it.each<[string, string[], string[]]>([
  ['is asked once where it answers', [], ['token 0', 'done']],
  [
    'is asked again where it is busy, or its engine was out of reach',
    ['registry-busy', 'ssh-dropped'],
    ['token 0', 'token 0', 'token 0', 'done'],
  ],
  ['gets a fresh token where it refuses the old one', ['registry-denied'], ['token 0', 'token 1', 'done']],
  [
    'is believed when it refuses the fresh one too',
    ['registry-denied', 'registry-denied'],
    ['token 0', 'token 1', 'registry-denied'],
  ],
  ['is believed when it has no such repository', ['repository-missing'], ['token 0', 'repository-missing']],
  [
    'is given up after some tries',
    Array(9).fill('registry-busy'),
    ['token 0', 'token 0', 'token 0', 'token 0', 'registry-busy'],
  ],
])('a registry %s', async (_, answers, expected) => {
  expect(await tried(...answers)).toEqual(expected);
});
