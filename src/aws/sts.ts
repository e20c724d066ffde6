import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import type { AwsReader, Identity } from './aws.ts';
import { withMigrationErrors } from './aws-errors.ts';
import { dnsSuffix } from './partition.ts';

export const stsClient = (options: STSClientConfig): STSClient => withMigrationErrors(new STSClient(options), 'sts');

export const stsReader = (client: STSClient, region: string): Pick<AwsReader, 'identity'> => ({
  identity: async () => {
    const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
    return identityOf(Account, Arn, region);
  },
});

function identityOf(account: string, arn: string, region: string): Identity {
  const partition = arn.split(':')[1] || 'aws';
  return { account, arn, region, partition, registry: `${account}.dkr.ecr.${region}.${dnsSuffix(partition)}` };
}
