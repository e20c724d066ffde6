import type { Transfer } from '../../../src/rsync/arguments.ts';

export const transfer: Transfer = {
  from: '/var/lib/docker/volumes/db/_data',
  kind: 'directory',
  to: 'volumes/db',
  user: 'ec2-user',
  address: '203.0.113.9',
  key: '/run/ecsodus/shop/key',
  knownHosts: '/run/ecsodus/shop/known_hosts',
  route: '/run/ecsodus/shop/route',
  rsyncVersion: '3.2.7',
};
