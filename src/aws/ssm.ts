import { GetParameterCommand, PutParameterCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import { MigrationError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { AwsReader, AwsWriter } from './aws.ts';
import { hasCode, unlessAbsent, withMigrationErrors } from './aws-errors.ts';
import { mustFit, withoutValue } from './secret-values.ts';
import { tagList } from './tags.ts';

/** AWS's public parameter of the newest AL2023 image that is made for ECS (x86_64). */
const amiParameter = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';

export const ssmClient = (options: SSMClientConfig): SSMClient => withMigrationErrors(new SSMClient(options), 'ssm');

export const ssmReader = (client: SSMClient): Pick<AwsReader, 'findParameter' | 'recommendedAmi'> => ({
  findParameter: async (name) => {
    const value = await readParameter(client, name);
    return value === undefined ? undefined : new Secret(value);
  },
  recommendedAmi: async () => {
    const ami = await readParameter(client, amiParameter);
    if (ami) return ami;
    throw new MigrationError('ami-missing', `This region has no parameter ${amiParameter}.`, {
      hint: `Choose a region that has the ECS image (--region); ask with: aws ssm get-parameter --name ${amiParameter}`,
    });
  },
});

export const ssmWriter = (client: SSMClient): Pick<AwsWriter, 'putParameter'> => ({
  putParameter: async (name, value, tags) => {
    mustFit('ssm', name, value);
    const parameter = { Name: name, Type: 'SecureString', Value: value.reveal() } as const;
    try {
      await withoutValue(value, client.send(new PutParameterCommand({ ...parameter, Tags: tagList(tags) })));
    } catch (error) {
      if (!hasCode(error, 'ParameterAlreadyExists')) throw error;
      // AWS refuses Tags together with Overwrite; the parameter has its tags from when it was made.
      await withoutValue(value, client.send(new PutParameterCommand({ ...parameter, Overwrite: true })));
    }
  },
});

async function readParameter(client: SSMClient, name: string): Promise<string | undefined> {
  const command = new GetParameterCommand({ Name: name, WithDecryption: true });
  return (await unlessAbsent(client.send(command), 'ParameterNotFound'))?.Parameter?.Value;
}
