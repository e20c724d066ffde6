import { execFileSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Duplex } from 'node:stream';
import { inspect } from 'node:util';
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

  test('a question whose connection was lost is asked once more, a change is not made twice', async () => {
    answers = { 'GET /version': json(200, { ApiVersion: '1.41' }), 'POST /containers/web/stop': json(204) };
    const dropped = new MigrationError('ssh-dropped', 'lost', {});
    let opened = 0;
    const droppingFirst = async () => {
      if (opened++ > 0) return connect((server.address() as AddressInfo).port, '127.0.0.1');
      const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      setTimeout(() => stream.emit('error', dropped), 20);
      return stream;
    };
    expect(await dockerOver(droppingFirst, 'droplet').version()).toEqual({ ApiVersion: '1.41' });
    opened = 0;
    await expect(dockerOver(droppingFirst, 'droplet').stop('web')).rejects.toMatchObject({ code: 'ssh-dropped' });
    expect(asked()).toEqual(['GET /version']);
  });

  test('a container that changed nothing', async () => {
    answers = {
      'GET /containers/a/changes': json(200, null),
      'GET /containers/b/changes': json(200, [{ Path: '/x', Kind: 1 }]),
    };
    expect(await docker().changes('a')).toEqual([]);
    expect(await docker().changes('b')).toEqual([{ Path: '/x', Kind: 1 }]);
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

  test('nobody describes every open connection for every request', async () => {
    answers = { 'GET /info': (response) => setTimeout(json(200, {}), 20, response) };
    let described = 0;
    const open = async () =>
      Object.assign(connect((server.address() as AddressInfo).port, '127.0.0.1'), {
        [inspect.custom]: () => {
          described++;
          return '';
        },
      });
    const engine = dockerOver(open, 'droplet');
    await Promise.all(Array.from({ length: 30 }, () => engine.info()));
    expect(described).toBe(0);
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

  describe('commit', () => {
    const image = {
      Architecture: 'arm64',
      Variant: 'v8',
      Os: 'linux',
      Created: '2026-01-01T00:00:00Z',
      Config: { Env: ['PATH=/bin'], Cmd: ['serve'] },
    };
    const made = { Config: { Env: ['PASSWORD=hunter2'] }, RootFS: { Layers: ['sha256:1', 'sha256:2'] } };
    const answering = (load: (response: ServerResponse) => void) => ({
      'GET /containers/shop/json': json(200, { Image: 'sha256:base' }),
      'GET /images/sha256:base/json': json(200, image),
      'POST /commit?pause=true&container=shop': json(201, { Id: 'sha256:made' }),
      'GET /images/sha256:made/json': json(200, made),
      'POST /images/load': load,
      'DELETE /images/sha256:made?noprune=true': json(200, []),
    });

    test('keeps the layers, with the settings of the image beneath and none of the container', async () => {
      answers = answering(json(200, { stream: 'Loaded image: r.example/a:b' }));
      await docker().commit('shop', 'r.example/a:b');
      const sent = requests.find(({ request }) => request.startsWith('POST /images/load'))?.body ?? '';
      const files = execFileSync('tar', ['-xO'], { input: sent, encoding: 'utf8' });
      expect(sent.length % 512).toBe(0);
      expect(execFileSync('tar', ['-t'], { input: sent, encoding: 'utf8' })).toBe('config.json\nmanifest.json\n');
      const [config, manifest] = files.split(/(?<=\})(?=\[)/).map((text) => JSON.parse(text));
      const { Architecture: architecture, Variant: variant, Os: os, Created: created, Config } = image;
      expect(config).toEqual({
        architecture,
        variant,
        os,
        created,
        config: Config,
        history: [1, 2].map(() => ({ created, created_by: 'ecsodus' })),
        rootfs: { type: 'layers', diff_ids: made.RootFS.Layers },
      });
      expect(manifest).toEqual([
        { Config: 'config.json', RepoTags: ['r.example/a:b'], Layers: ['0/layer.tar', '1/layer.tar'] },
      ]);
      expect(asked().at(-1)).toBe('DELETE /images/sha256:made?noprune=true');
    });

    test('an engine that cannot put it together says so, and the image with the settings is gone all the same', async () => {
      answers = answering(json(200, { errorDetail: { message: 'no such layer' }, error: 'no such layer' }));
      await expect(docker().commit('shop', 'r.example/a:b')).rejects.toMatchObject({
        code: 'docker-failed',
        message: expect.stringContaining('no such layer'),
      });
      expect(asked().at(-1)).toBe('DELETE /images/sha256:made?noprune=true');
    });
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
