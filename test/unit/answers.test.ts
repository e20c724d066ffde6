import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, ask, compareAnswers } from '../../src/answers.ts';

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/never') return;
    response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/plain' }).end(request.headers.host);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('asking for a page', () => {
  it('goes to the address, with the host name of the URL', async () => {
    const answer = await ask(`http://blog.example.test:${port}/`, '127.0.0.1');
    expect(answer).toMatchObject({ status: 200, type: 'text/plain', bytes: `blog.example.test:${port}`.length });
  });

  it('takes a connection that somebody else opened, and closes it', async () => {
    const socket = connect(port, '127.0.0.1');
    const answer = await ask(`http://blog.example.test:${port}/`, async () => socket);
    expect(answer).toMatchObject({ status: 200, bytes: `blog.example.test:${port}`.length });
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    const refused = await ask('http://blog.example.test/', () => Promise.reject(new Error('nobody there')));
    expect(refused.status).toBe(0);
  });

  it.each([
    ['nobody listens', 'http://blog.example.test:1/'],
    ['nothing comes back', '/never'],
  ])('has status 0 where %s', async (_, url) => {
    const whole = url.startsWith('/') ? `http://blog.example.test:${port}${url}` : url;
    expect(await ask(whole, '127.0.0.1', 200)).toMatchObject({ status: 0, bytes: 0 });
  });
});

describe('comparing answers', () => {
  const page: Answer = { url: 'u', status: 200, type: 'text/html', bytes: 3, digest: 'a' };

  it.each<[Partial<Answer>, string]>([
    [{}, 'same'],
    [{ digest: 'b', bytes: 4 }, 'like'],
    [{ status: 502 }, 'different'],
    [{ status: 0, type: '', bytes: 0, digest: '' }, 'different'],
    [{ type: 'text/plain' }, 'different'],
  ])('%j is %s', (change, likeness) => {
    expect(compareAnswers(page, { ...page, ...change })).toBe(likeness);
  });
});
