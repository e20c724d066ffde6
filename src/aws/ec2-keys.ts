import {
  DeleteKeyPairCommand,
  DescribeKeyPairsCommand,
  type EC2Client,
  ImportKeyPairCommand,
} from '@aws-sdk/client-ec2';
import type { AwsReader, AwsWriter } from './aws.ts';
import { unlessAbsent } from './aws-errors.ts';
import { requireOurs } from './ours.ts';
import { tagList, tagsFrom } from './tags.ts';

export const keyReader = (client: EC2Client): Pick<AwsReader, 'findKeyPair'> => ({
  findKeyPair: async (name) => {
    // Not long enough for pages: DescribeKeyPairs has none.
    const command = new DescribeKeyPairsCommand({
      Filters: [{ Name: 'key-name', Values: [name] }],
      IncludePublicKey: true,
    });
    const [pair] = (await client.send(command)).KeyPairs ?? [];
    if (pair) requireOurs('key pair', name, tagsFrom(pair.Tags));
    return pair && { fingerprint: pair.KeyFingerprint ?? '', publicKey: pair.PublicKey?.trim() };
  },
});

export const keyWriter = (client: EC2Client): Pick<AwsWriter, 'importKeyPair' | 'deleteKeyPair'> => ({
  importKeyPair: async ({ name, publicKey, tags }) => {
    const command = new ImportKeyPairCommand({
      KeyName: name,
      PublicKeyMaterial: Buffer.from(publicKey),
      TagSpecifications: [{ ResourceType: 'key-pair', Tags: tagList(tags) }],
    });
    await unlessAbsent(client.send(command), 'InvalidKeyPair.Duplicate');
  },
  deleteKeyPair: async (name) => {
    await unlessAbsent(client.send(new DeleteKeyPairCommand({ KeyName: name })), 'InvalidKeyPair.NotFound');
  },
});
