import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import { deal, registryOdds } from './faults.ts';
import { between, random } from './random.ts';
import { badGateway, Expiry, type Refusal, registryRefusal } from './registry-request.ts';

/**
 * Stands before the lab's registry, with its certificate, in the bridge's namespace, and says each fault to its parent;
 * the parent says when a token was handed out, and takes this along when it ends.
 * usage: tsx registry-program.ts ADDRESS PORT REGISTRY-DIRECTORY SEED
 */
const [address = '', port = '', directory = '', seed = ''] = process.argv.slice(2);
const draw = random(Number(seed), 'registry');
const expiry = new Expiry(Math.floor(between(draw, 3, 8)));
const read = (name: string): Buffer => readFileSync(join(directory, name));
const ca = read('ca.crt');
const fault = (kind: string) => process.send?.({ fault: `registry-${kind}` });

process.on('message', () => expiry.renewed());
process.on('disconnect', () => process.exit());

const server = createServer({ key: read('server.key'), cert: read('server.crt') }, serve);
server.listen(Number(port), address, () => process.send?.({ ready: true }));

function serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method = '', url = '', headers } = incoming;
  if (expiry.refuses(method, url, headers.authorization !== undefined)) {
    fault('expired');
    refuse(incoming, outgoing, registryRefusal('expired'));
    return;
  }
  const kind = deal(registryOdds, draw());
  if (kind !== undefined) fault(kind);
  if (kind === 'busy') refuse(incoming, outgoing, registryRefusal('busy'));
  else if (kind === 'failing') refuse(incoming, outgoing, draw() < 0.5 ? badGateway : registryRefusal('failing'));
  else passOn(incoming, outgoing, kind === 'reset' ? between(draw, 0, 65_536) : Number.POSITIVE_INFINITY);
}

/** The request is read to its end, as a server does that keeps the connection. */
function refuse(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: Refusal): void {
  incoming.resume();
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** Breaks off after so many bytes of both bodies together; at the latest where the answer would end. */
function passOn(incoming: IncomingMessage, outgoing: ServerResponse, breakAfter: number): void {
  const { method, url, headers } = incoming;
  let left = breakAfter;
  const breakOff = () => {
    passed.destroy();
    incoming.socket.destroy();
  };
  const spend = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) breakOff();
  };
  const passed = request({ host: address, port: 443, method, path: url, headers, ca }, (response) => {
    outgoing.writeHead(response.statusCode ?? 500, response.rawHeaders);
    response.on('data', spend).on('error', breakOff);
    if (left !== Number.POSITIVE_INFINITY) response.on('end', breakOff);
    response.pipe(outgoing, { end: left === Number.POSITIVE_INFINITY });
  });
  passed.on('error', breakOff);
  outgoing.on('error', breakOff);
  incoming.on('data', spend).on('error', breakOff);
  incoming.pipe(passed);
}
