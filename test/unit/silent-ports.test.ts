import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { silentPorts } from '../../src/silent-ports.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer(serve);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function openPort(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

it.each([
  ['waits for its client to speak', 'held', (_: Socket) => {}],
  ['greets and hangs up', 'held', (socket: Socket) => void socket.end('Thu Jan  1 00:00:00 1970\r\n')],
  ["hangs up without a word, as Docker's proxy does for nobody", 'silent', (socket: Socket) => void socket.end()],
  ['breaks off', 'silent', (socket: Socket) => void socket.resetAndDestroy()],
])('who %s is %s', async (_, verdict, serve) => {
  const port = await listen(serve);
  expect(await silentPorts([port], openPort)).toEqual(verdict === 'silent' ? [port] : []);
});

it('a port that refuses is silent, and order is kept', async () => {
  const open = await listen(() => {});
  const [first, second] = [await listen(() => {}), await listen(() => {})];
  for (const server of servers.splice(1)) await once(server.close(), 'close');
  expect(await silentPorts([second, open, first], openPort)).toEqual([second, first]);
});
