import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type ECRClientConfig,
  GetAuthorizationTokenCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ecr';
import type { RegistryCredentials } from '../docker/docker.ts';
import { MigrationError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { AwsReader, AwsWriter } from './aws.ts';
import { unlessAbsent, withMigrationErrors } from './aws-errors.ts';
import { requireOurs } from './ours.ts';
import { tagList, tagsFrom } from './tags.ts';

/** A token lives for 12 hours; a push that starts just before its end must still finish. */
const marginMs = 15 * 60_000;

export const ecrClient = (options: ECRClientConfig): ECRClient => withMigrationErrors(new ECRClient(options), 'ecr');

export function ecrReader(client: ECRClient): Pick<AwsReader, 'hasRepository' | 'registryCredentials'> {
  let token: { credentials: RegistryCredentials; expiresAt: number } | undefined;
  return {
    hasRepository: (name) => hasRepository(client, name),
    registryCredentials: async ({ fresh } = { fresh: false }) => {
      if (fresh || !token || token.expiresAt - marginMs < Date.now()) token = await freshToken(client);
      return token.credentials;
    },
  };
}

export const ecrWriter = (client: ECRClient): Pick<AwsWriter, 'createRepository'> => ({
  createRepository: async (repositoryName, tags) => {
    const command = new CreateRepositoryCommand({ repositoryName, tags: tagList(tags) });
    await unlessAbsent(client.send(command), 'RepositoryAlreadyExistsException');
  },
});

async function hasRepository(client: ECRClient, name: string): Promise<boolean> {
  const command = new DescribeRepositoriesCommand({ repositoryNames: [name] });
  const answer = await unlessAbsent(client.send(command), 'RepositoryNotFoundException');
  const [repository] = answer?.repositories ?? [];
  if (repository === undefined) return false;
  const tags = await client.send(new ListTagsForResourceCommand({ resourceArn: repository.repositoryArn }));
  requireOurs('ECR repository', name, tagsFrom(tags.tags));
  return true;
}

async function freshToken(client: ECRClient): Promise<{ credentials: RegistryCredentials; expiresAt: number }> {
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const { authorizationToken, proxyEndpoint, expiresAt } = authorizationData?.[0] ?? {};
  const [, username, password] =
    /^([^:]+):(.*)$/s.exec(Buffer.from(authorizationToken ?? '', 'base64').toString()) ?? [];
  if (!proxyEndpoint || !username || !password) {
    throw new MigrationError('aws-failed', 'ecr:GetAuthorizationToken gave no credentials for the registry.', {
      hint: 'See what it gives you: aws ecr get-login-password',
    });
  }
  return {
    credentials: { host: proxyEndpoint.replace(/^https:\/\//, ''), username, password: new Secret(password) },
    expiresAt: expiresAt?.getTime() ?? 0,
  };
}
