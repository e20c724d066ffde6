import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { DelayLine } from './delay-line.ts';

/**
 * Passes TCP connections on, each direction half a round trip later. Only the connecting itself takes no time: the
 * relay accepts at once.
 * usage: tsx relay-program.ts LISTEN-ADDRESS LISTEN-PORT ADDRESS PORT DELAY-MS
 */
const [listenAddress = '', listenPort = '', address = '', port = '', delayMs = ''] = process.argv.slice(2);

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ host: address, port: Number(port), allowHalfOpen: true, noDelay: true });
  pass(near, far);
  pass(far, near);
});
server.listen(Number(listenPort), listenAddress);

/** A connection that breaks on one side is broken off on the other; one that ends is ended there in its time. */
function pass(from: Socket, to: Socket): void {
  pipeline(from, new DelayLine(Number(delayMs) / 2), to, (error) => {
    if (!error) return;
    from.destroy();
    to.destroy();
  });
}
