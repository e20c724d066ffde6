import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from './errors.ts';
import type { HostWriter } from './host.ts';
import type { Listening } from './ssh/connection.ts';
import { join } from './ssh/join.ts';
import { isDropped } from './ssh/ssh-errors.ts';

export interface Tunnel {
  /** Where it begins: at a port of this host's own loopback. */
  readonly host: Pick<HostWriter, 'name' | 'listen'>;
  /** Opens a connection to where it leads. */
  readonly openEnd: () => Promise<Duplex>;
  /** Told the port before anybody can use it, and each new one: it is another whenever the connection was opened again. */
  readonly onPort: (port: number) => Promise<unknown>;
}

/** A connection that drops is opened again this often in a row. */
const mostDrops = 5;
const afterDropMs = 2000;

/**
 * Opens a way from a host to where only this machine comes, through the connections that are open to both. It stands until
 * they are closed; where one was lost it is made again. Throws MigrationError `forwarding-refused` where sshd does not allow it.
 */
export async function openTunnel(tunnel: Tunnel): Promise<void> {
  // Once the host is not reached any more, whoever waits for something there learns it.
  stand(await begin(tunnel), tunnel).catch(() => {});
}

async function stand(first: Listening, tunnel: Tunnel): Promise<void> {
  for (let { ended } = first; ; ) {
    await ended;
    ({ ended } = await begin(tunnel));
  }
}

async function begin({ host, openEnd, onPort }: Tunnel): Promise<Listening> {
  const lead = (connection: Duplex) => {
    openEnd().then(
      (end) => join(connection, end),
      () => connection.destroy(),
    );
  };
  for (let drops = 0; ; drops++) {
    try {
      const listening = await host.listen(lead);
      await onPort(listening.port);
      return listening;
    } catch (error) {
      if (!isDropped(error)) throw error instanceof MigrationError ? error : refused(host.name, error);
      if (drops === mostDrops) throw error;
      await delay(afterDropMs, undefined, { ref: false });
    }
  }
}

const refused = (host: string, cause: unknown): MigrationError =>
  new MigrationError(
    'forwarding-refused',
    `sshd on ${host} lets nobody forward a port, so that nothing can be tunnelled.`,
    {
      hint: `${allowForwarding(host)} Then go on: ecsodus run`,
      cause,
    },
  );

/** What lets a host forward ports, in words for the operator. */
export const allowForwarding = (host: string): string =>
  `Set "AllowTcpForwarding yes" in /etc/ssh/sshd_config on ${host}, and reload it: ssh ${host} sudo systemctl reload ssh.`;
