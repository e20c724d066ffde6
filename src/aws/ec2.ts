import { EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';
import { withMigrationErrors } from './aws-errors.ts';
import { instanceReader } from './ec2-instances.ts';
import { keyReader, keyWriter } from './ec2-keys.ts';
import { instanceWriter } from './ec2-launch.ts';
import { networkReader, networkWriter } from './ec2-network.ts';
import { snapshotReader, snapshotWriter } from './ec2-snapshots.ts';
import { volumeReader, volumeWriter } from './ec2-volumes.ts';

export const ec2Client = (options: EC2ClientConfig): EC2Client => withMigrationErrors(new EC2Client(options), 'ec2');

export const ec2Reader = (client: EC2Client) => ({
  ...instanceReader(client),
  ...keyReader(client),
  ...networkReader(client),
  ...snapshotReader(client),
  ...volumeReader(client),
});

/** `once` is a client that never repeats a call by itself. */
export const ec2Writer = (client: EC2Client, once: EC2Client) => ({
  ...instanceWriter(client),
  ...keyWriter(client),
  ...networkWriter(client),
  ...snapshotWriter(client, once),
  ...volumeWriter(client),
});
