import { aws, type Lab } from './lab.ts';
import { sshConfigPath, sudoPassword } from './login.ts';
import { sites } from './stack.ts';

/** What any client of the lab needs, and no more: the document `up --json` prints. */
export function clientView(lab: Lab) {
  const endpoint = lab.moto ? `http://127.0.0.1:${lab.moto.port}` : null;
  const { host, address, ca } = lab.registry;
  return {
    name: lab.name,
    aws: { endpoint, ...aws },
    sshConfig: sshConfigPath(lab.dir),
    hosts: { droplet: 'droplet' },
    sudoPasswords: { 'droplet-careful': sudoPassword },
    addresses: { droplet: lab.droplet.address },
    registry: { host, address, ca },
    sites,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
    },
  };
}
