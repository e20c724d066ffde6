import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/ssh/connect.ts';
import type { Ssh } from '../../src/ssh/connection.ts';
import { reconnecting } from '../../src/ssh/reconnect.ts';
import { openTunnel } from '../../src/tunnel.ts';
import { type PrivateSshd, sshdIsThere, startSshd } from './ssh/private-sshd.ts';

const echo = (socket: Socket) => socket.pipe(socket);

async function serve(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

const dial = (port: number): Socket =>
  connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true }).on('error', () => {});

async function heard(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe.skipIf(!sshdIsThere)('a tunnel between two connections to a real sshd', { timeout: 60_000 }, () => {
  let sshd: PrivateSshd;
  const servers: Server[] = [];
  const opened: Ssh[] = [];
  /** The ports at which it began, the last one last. */
  const ports: number[] = [];

  const login = () =>
    connect({ host: sshd.host, confirmHostKey: async () => true, askPassphrase: async () => undefined });
  const reconnectingLogin = async (): Promise<Ssh> => {
    const ssh = reconnecting(await login(), login, 'brief');
    opened.push(ssh);
    return ssh;
  };

  /** From a port of the one connection's host to a server at the other's. Answers with the port. */
  async function tunnelTo(onConnection: (socket: Socket) => void): Promise<number> {
    const { server, port } = await serve(onConnection);
    servers.push(server);
    const [here, there] = [await reconnectingLogin(), await reconnectingLogin()];
    await openTunnel({
      host: { name: 'here', listen: here.listen },
      openEnd: () => there.openPort(port),
      onPort: async (given) => void ports.push(given),
    });
    return ports.at(-1) ?? 0;
  }

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    for (const ssh of opened) ssh.close();
    for (const server of servers) server.close();
    await sshd.stop();
  });

  it('carries bytes both ways, on many connections at once', async () => {
    const port = await tunnelTo(echo);
    const sent = Array.from({ length: 40 }, (_, index) => randomBytes(100_000 + index));
    const answers = await Promise.all(
      sent.map((bytes) => {
        const socket = dial(port);
        socket.end(bytes);
        return heard(socket);
      }),
    );
    expect(answers.map((bytes, index) => bytes.equals(sent[index] as Buffer))).toEqual(sent.map(() => true));
  });

  it('lets one side say more after the other has ended, and closes when both have', async () => {
    const closed: Promise<unknown>[] = [];
    const port = await tunnelTo((socket) => {
      closed.push(once(socket, 'close'));
      socket.resume().on('end', () => socket.end('and that was all'));
    });
    const socket = dial(port);
    socket.end('a question');
    expect(String(await heard(socket))).toBe('and that was all');
    await closed[0];
  });

  it.each(['here', 'there'])('takes a connection down with the one that is gone %s', async (side) => {
    const arrived: Socket[] = [];
    const port = await tunnelTo((socket) => arrived.push(socket));
    const socket = dial(port);
    await expect.poll(() => arrived.length).toBe(1);
    const [gone, other] = side === 'here' ? [socket, arrived[0] as Socket] : [arrived[0] as Socket, socket];
    // It goes on talking, and would wait for ever for somebody to listen.
    other.write(randomBytes(20_000_000));
    const closed = once(other, 'close');
    gone.destroy();
    other.resume().on('end', () => other.end());
    await closed;
  });

  it('holds no more in memory than the windows of its channels, however slow the far end is', async () => {
    const total = 200_000_000;
    const hash = createHash('sha256');
    let received = 0;
    const port = await tunnelTo(async (socket) => {
      await delay(2000);
      for await (const chunk of socket) {
        hash.update(chunk);
        received += chunk.length;
      }
      socket.end();
    });
    const chunk = randomBytes(1_000_000);
    const memory = () => process.memoryUsage().rss;
    const [before, wanted] = [memory(), createHash('sha256')];
    let most = before;
    const watching = setInterval(() => {
      most = Math.max(most, memory());
    }, 20);
    const socket = dial(port);
    for (let sent = 0; sent < total; sent += chunk.length) {
      wanted.update(chunk);
      if (!socket.write(chunk)) await once(socket, 'drain');
    }
    socket.end();
    await heard(socket);
    clearInterval(watching);
    expect(received).toBe(total);
    expect(hash.digest('hex')).toBe(wanted.digest('hex'));
    expect(most - before).toBeLessThan(100_000_000);
  });

  it('refuses a connection whose far end cannot be opened', async () => {
    const host = await reconnectingLogin();
    await openTunnel({
      host: { name: 'here', listen: host.listen },
      openEnd: () => Promise.reject(new Error('nobody there')),
      onPort: async (given) => void ports.push(given),
    });
    expect(await heard(dial(ports.at(-1) ?? 0))).toHaveLength(0);
  });

  it('comes back at another port when the connection is lost, and cuts what went through it', async () => {
    const port = await tunnelTo(echo);
    const cut = dial(port);
    cut.write('x');
    await once(cut, 'data');
    const closed = once(cut, 'close');
    const count = ports.length;
    const sessions = await (opened.at(-2) as Ssh).exec('echo $PPID');
    process.kill(Number(sessions.stdout), 'SIGKILL');
    cut.resume().on('end', () => cut.end());
    await closed;
    await expect.poll(() => ports.length, { timeout: 20_000 }).toBe(count + 1);
    const socket = dial(ports.at(-1) ?? 0);
    socket.end('still here');
    expect(String(await heard(socket))).toBe('still here');
  });

  it('says what to do where sshd allows no forwarding', async () => {
    const strict = await startSshd('AllowTcpForwarding no');
    const ssh = await connect({
      host: strict.host,
      confirmHostKey: async () => true,
      askPassphrase: async () => undefined,
    });
    const opening = openTunnel({
      host: { name: 'droplet', listen: ssh.listen },
      openEnd: () => Promise.reject(new Error('never asked for')),
      onPort: async () => {},
    });
    await expect(opening).rejects.toMatchObject({
      code: 'forwarding-refused',
      hint: expect.stringContaining('AllowTcpForwarding yes'),
    });
    ssh.close();
    await strict.stop();
  });
});
