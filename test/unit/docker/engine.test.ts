import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dockerOver } from '../../../src/docker/engine.ts';
import { MigrationError } from '../../../src/errors.ts';
import { Secret } from '../../../src/secret.ts';

const credentials = { host: 'r.example', username: 'AWS', password: new Secret('pass+/=word?ü') };

/** An engine that answers from a table, over real sockets as sshd would forward them. */
describe('dockerOver', () => {
  let server: Server;
  let requests: { readonly request: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
  let answers: Record<string, (response: ServerResponse) => void>;
  const json =
    (status: number, body?: unknown) =>
    (response: ServerResponse): void => {
      response
        .writeHead(status, { 'Content-Type': 'application/json' })
        .end(body === undefined ? '' : JSON.stringify(body));
    };
  const docker = () => dockerOver(async () => connect((server.address() as AddressInfo).port, '127.0.0.1'), 'droplet');

  beforeEach(async () => {
    requests = [];
    answers = {};
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const key = `${request.method} ${request.url}`;
      requests.push({ request: key, headers: request.headers, body });
      (answers[key] ?? json(404, { message: `no answer to ${key}` }))(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());

  const asked = () => requests.map(({ request }) => request);

  test('paths carry no version; what is missing is undefined', async () => {
    answers = {
      'GET /version': json(200, { ApiVersion: '1.41' }),
      'GET /containers/json?all=true': json(200, [{ Id: 'a' }, { Id: 'b' }]),
      'GET /containers/web/json?size=true': json(200, { Id: 'a' }),
    };
    expect(await docker().version()).toEqual({ ApiVersion: '1.41' });
    expect(await docker().containerIds()).toEqual(['a', 'b']);
    expect(await docker().inspectContainer('web')).toEqual({ Id: 'a' });
    expect(await docker().inspectContainer('none')).toBeUndefined();
    expect(await docker().inspectImage('none')).toBeUndefined();
  });

  test("the operator's own Docker settings do not interfere", async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      DOCKER_HOST: 'tcp://192.0.2.1:2376',
      DOCKER_CLIENT_TIMEOUT: '1',
      DOCKER_PATH_PREFIX: '/x',
    });
    try {
      answers = { 'GET /version': (response) => setTimeout(json(200, { ok: true }), 100, response) };
      expect(await docker().version()).toEqual({ ok: true });
    } finally {
      process.env = before;
    }
  });

  test('many calls at once all end', async () => {
    answers = { 'GET /info': (response) => setTimeout(json(200, {}), 20, response) };
    const engine = docker();
    expect(await Promise.all(Array.from({ length: 30 }, () => engine.info()))).toHaveLength(30);
  });

  const push = (onProgress = () => {}) => docker().push('r.example/a:b', credentials, onProgress);

  test('push sends credentials in the request, and a failure in the stream fails it', async () => {
    answers = { 'POST /images/r.example/a/push?tag=b': json(200, { aux: { Digest: 'sha256:0' } }) };
    await push();
    const sent = requests[0]?.headers['x-registry-auth'] as string;
    expect(sent).toMatch(/^[A-Za-z0-9_=-]+$/);
    expect(JSON.parse(Buffer.from(sent, 'base64url').toString())).toEqual({
      username: 'AWS',
      password: 'pass+/=word?ü',
      serveraddress: 'r.example',
    });
    expect(requests[0]?.request).not.toContain('pass');
    expect(requests[0]?.body).not.toContain('pass');
    answers = {
      'POST /images/r.example/a/push?tag=b': json(200, { errorDetail: { message: 'denied: no' }, error: 'denied: no' }),
    };
    await expect(push()).rejects.toMatchObject({
      code: 'registry-denied',
      message: expect.stringContaining('r.example'),
    });
    answers = {
      'POST /images/r.example/a/push?tag=b': (response) => response.write('{"status":"x"}\n', () => response.destroy()),
    };
    await expect(push()).rejects.toMatchObject({ name: 'MigrationError' });
  });

  test('pull', async () => {
    answers = {
      'POST /images/create?fromImage=r.example%2Fa&tag=b': json(200, { status: 'Status: Image is up to date for x' }),
    };
    await docker().pull('r.example/a:b', credentials, () => {});
    expect(requests[0]?.headers['x-registry-auth']).toBeDefined();
  });

  test('registryHas', async () => {
    answers = { 'GET /distribution/r.example/a:b/json': json(200, { Descriptor: {} }) };
    expect(await docker().registryHas('r.example/a:b', credentials)).toBe(true);
    expect(requests[0]?.headers['x-registry-auth']).toBeDefined();
    answers = { 'GET /distribution/r.example/a:b/json': json(404, { message: 'manifest unknown: x' }) };
    expect(await docker().registryHas('r.example/a:b', credentials)).toBe(false);
  });

  describe('untag', () => {
    const untag = (tags: readonly string[]) => {
      answers = {
        'GET /images/r.example/a:b/json': json(200, { RepoTags: tags }),
        'DELETE /images/r.example/a:b?noprune=true': json(200, [{ Untagged: 'x' }]),
      };
      return docker().untag('r.example/a:b');
    };

    test('one of several goes, without force', async () => {
      expect(await untag(['a:b', 'r.example/a:b'])).toBe(true);
      expect(asked()).toContain('DELETE /images/r.example/a:b?noprune=true');
    });

    test.each([[['r.example/a:b']], [[]], [['x:1', 'y:2']]])('%j: the last one stays', async (tags) => {
      expect(await untag(tags)).toBe(false);
      expect(asked()).not.toContain('DELETE /images/r.example/a:b?noprune=true');
    });

    test('one that is gone already', async () => {
      expect(await docker().untag('r.example/a:b')).toBe(true);
    });
  });

  test('stop leaves the timeout to the container; 304 is done; other refusals are errors', async () => {
    answers = {
      'POST /containers/a/stop': json(304),
      'POST /containers/a/start': json(304),
      'POST /containers/b/stop': json(204),
    };
    await docker().stop('a');
    await docker().start('a');
    await docker().stop('b');
    await expect(docker().stop('c')).rejects.toMatchObject({
      code: 'docker-not-found',
      hint: expect.stringContaining('ssh droplet'),
    });
  });

  test('setRestartPolicy', async () => {
    answers = { 'POST /containers/a/update': json(200, {}) };
    await docker().setRestartPolicy('a', { Name: 'on-failure', MaximumRetryCount: 3 });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    });
  });

  test('what the connection says comes through unchanged', async () => {
    const refused = new MigrationError('docker-not-permitted', 'no');
    await expect(dockerOver(() => Promise.reject(refused), 'x').version()).rejects.toBe(refused);
    const dropped = new MigrationError('ssh-dropped', 'lost');
    const dying = async () => {
      const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      setTimeout(() => stream.emit('error', dropped), 20);
      return stream;
    };
    await expect(dockerOver(dying, 'x').version()).rejects.toBe(dropped);
  });
});
