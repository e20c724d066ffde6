import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, type AwsCall, awsCall, refusal, unavailable } from './aws-call.ts';
import { awsOdds, deal, staleOdds, type Tally } from './faults.ts';
import { between } from './random.ts';
import { StaleAnswers } from './stale-answers.ts';

interface Options {
  /** Of the lab's AWS, on loopback. */
  readonly port: number;
  readonly draw: () => number;
  readonly tally: Tally;
  /** A registry token was handed out. */
  readonly onToken: () => void;
  /** Hears of every call, before it is passed on. */
  readonly onCall?: (call: AwsCall) => void;
}

export interface AwsProxy {
  readonly url: string;
  readonly close: () => void;
}

/** AWS through bad weather, on a loopback port of its own. */
export async function startAwsProxy(options: Options): Promise<AwsProxy> {
  const stale = new StaleAnswers();
  const server = createServer((incoming, outgoing) => {
    // Who asked may have gone meanwhile.
    outgoing.on('error', () => {});
    serve(incoming, outgoing, options, stale).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: Options,
  stale: StaleAnswers,
): Promise<void> {
  const { draw, tally } = options;
  const body = await whole(incoming);
  const call = awsCall(incoming.headers, body.toString('latin1'));
  options.onCall?.(call);
  const fault = deal(awsOdds, draw());
  if (fault !== undefined) tally.add(`aws-${fault}`);
  if (fault === 'reset') return void incoming.socket.resetAndDestroy();
  if (fault === 'throttled') return send(outgoing, refusal(call, 'throttled'));
  if (fault === 'failing') return send(outgoing, draw() < 0.5 ? unavailable : refusal(call, 'failing'));
  if (fault === 'slow') await delay(between(draw, 1000, 3000));
  const older = call.reads ? stale.older(call, Date.now()) : undefined;
  if (older !== undefined && draw() < staleOdds) {
    tally.add('aws-stale');
    return send(outgoing, older);
  }
  const answer = await passOn(incoming, body, call, options, stale);
  if (fault === 'answer-lost') incoming.socket.resetAndDestroy();
  else send(outgoing, answer);
}

async function passOn(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  call: AwsCall,
  { port, onToken }: Options,
  stale: StaleAnswers,
): Promise<Answer> {
  const sentAt = Date.now();
  const answer = await new Promise<Answer>((resolve, reject) => {
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
      whole(response).then((text) => {
        resolve({ status: response.statusCode ?? 500, headers: response.headers, body: text });
      }, reject);
    });
    passed.on('error', reject).end(body);
  });
  const endedAt = Date.now();
  if (call.reads) stale.answered(call, answer, endedAt);
  else if (answer.status < 300 && call.action === 'GetAuthorizationToken') onToken();
  else if (answer.status < 300) stale.changed(call, { sentAt, endedAt });
  return answer;
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { connection, 'transfer-encoding': _, ...kept } = headers;
  outgoing.writeHead(status, { ...kept, 'content-length': body.length }).end(body);
}

async function whole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
