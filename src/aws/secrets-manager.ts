import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { Secret } from '../secret.ts';
import type { AwsReader, AwsWriter } from './aws.ts';
import { hasCode, withMigrationErrors } from './aws-errors.ts';
import { mustFit, withoutValue } from './secret-values.ts';
import { tagList } from './tags.ts';

export const secretsManagerClient = (options: SecretsManagerClientConfig): SecretsManagerClient =>
  withMigrationErrors(new SecretsManagerClient(options), 'secretsmanager');

export const secretsManagerReader = (client: SecretsManagerClient): Pick<AwsReader, 'findSecret'> => ({
  findSecret: async (name) => {
    try {
      const { ARN, SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      return ARN === undefined || SecretString === undefined
        ? undefined
        : { arn: ARN, value: new Secret(SecretString) };
    } catch (error) {
      if (hasCode(error, 'ResourceNotFoundException') || waitsForDeletion(error)) return undefined;
      throw error;
    }
  },
});

export const secretsManagerWriter = (client: SecretsManagerClient): Pick<AwsWriter, 'putSecret'> => ({
  putSecret: async ({ name, value, clientToken, tags }) => {
    mustFit('secrets-manager', name, value);
    const SecretString = value.reveal();
    try {
      const secret = { Name: name, SecretString, ClientRequestToken: clientToken, Tags: tagList(tags) };
      await withoutValue(value, client.send(new CreateSecretCommand(secret)));
    } catch (error) {
      if (waitsForDeletion(error)) await client.send(new RestoreSecretCommand({ SecretId: name }));
      else if (!hasCode(error, 'ResourceExistsException')) throw error;
      // Each value is a version with a token of its own, which the SDK makes up: one made from the value would betray it.
      await withoutValue(value, client.send(new PutSecretValueCommand({ SecretId: name, SecretString })));
    }
  },
});

/** A deleted secret keeps its name for 7 to 30 days. AWS has no code of its own for that. */
const waitsForDeletion = (error: unknown): boolean =>
  hasCode(error, 'InvalidRequestException') && /delet/i.test((error as Error).message);
