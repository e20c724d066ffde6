import { dataRoot, targetUser } from '../../src/names.ts';
import { sh } from '../../src/shell.ts';
import { labHost } from '../lab/host.ts';
import { lab, onDroplet, onInstance } from './data-droplet.ts';

/** From the droplet to the instance: at its own address, or through a relay that makes it far away. */
export interface Way {
  readonly address: string;
  readonly port: number;
  /** The name of its host keys. */
  readonly hostKeyAlias: string;
}

export async function nearWay(): Promise<Way> {
  const { address, name } = await labHost(lab, 'instance');
  return { address, port: 22, hostKeyAlias: name };
}

const key = '/root/ordinary-key';

/** By an ordinary key, as people do. */
export async function letIn(): Promise<void> {
  const line = await onDroplet(`rm -f ${key} ${key}.pub; ssh-keygen -q -t ed25519 -N '' -f ${key}; cat ${key}.pub`);
  await onInstance(`cat >>/home/${targetUser}/.ssh/authorized_keys`, line);
}

const login = ({ port }: Way): string =>
  `ssh -i ${key} -p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;

/** `to` is a directory below /data. */
export const rsyncAz = (from: string, to: string, way: Way): string =>
  sh`rsync -az --rsync-path='sudo rsync' -e ${login(way)} ${`${from}/`} ${`${targetUser}@${way.address}:${dataRoot}/${to}/`}`;

export const tarOverSsh = (from: string, to: string, way: Way): string =>
  `tar -C ${from} -cf - . | ${login(way)} ${targetUser}@${way.address} sudo tar -C ${dataRoot}/${to} -xf -`;
