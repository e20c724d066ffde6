import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretsManagerClient, secretsManagerReader, secretsManagerWriter } from '../../../src/aws/secrets-manager.ts';
import { ssmClient, ssmWriter } from '../../../src/aws/ssm.ts';
import { Secret } from '../../../src/secret.ts';
import { awsFailure, fakeClient, clientOptions as options } from './fake-client.ts';

const secret = { name: 'ecsodus/blog/web/KEY', value: new Secret('hunter2'), clientToken: 'token', tags: { a: 'b' } };
const manager = (answers: Parameters<typeof fakeClient>[2]) =>
  fakeClient(new SecretsManagerClient(options), 'secretsmanager', answers);
const refuse = (code: string, message?: string) => () => {
  throw awsFailure(code, message);
};
/** AWS's words for a secret that was deleted and waits for its end. */
const forGetting = "You can't perform this operation on the secret because it was marked for deletion.";
const forMaking = "You can't create this secret because a secret with this name is already scheduled for deletion.";

test('made at once, with tags and a token of its own name', async () => {
  const { client, calls } = manager({ CreateSecret: () => ({}) });
  await secretsManagerWriter(client).putSecret(secret);
  const input = {
    Name: secret.name,
    SecretString: 'hunter2',
    ClientRequestToken: 'token',
    Tags: [{ Key: 'a', Value: 'b' }],
  };
  expect(calls).toEqual([{ name: 'CreateSecret', input }]);
});

test.each([
  ['ResourceExistsException', undefined, ['CreateSecret', 'PutSecretValue']],
  ['InvalidRequestException', forMaking, ['CreateSecret', 'RestoreSecret', 'PutSecretValue']],
])('%s: given the value all the same', async (code, message, wanted) => {
  const { client, calls } = manager({
    CreateSecret: refuse(code, message),
    RestoreSecret: () => ({}),
    PutSecretValue: () => ({}),
  });
  await secretsManagerWriter(client).putSecret(secret);
  expect(calls.map(({ name }) => name)).toEqual(wanted);
  expect(calls.at(-1)?.input).toEqual({ SecretId: secret.name, SecretString: 'hunter2' });
});

test('any other refusal is told', async () => {
  const { client, calls } = manager({ CreateSecret: refuse('InvalidRequestException', 'no such thing') });
  await expect(secretsManagerWriter(client).putSecret(secret)).rejects.toMatchObject({ code: 'aws-failed' });
  expect(calls).toHaveLength(1);
});

test.each([
  ['ResourceNotFoundException', undefined],
  ['InvalidRequestException', forGetting],
])('%s: there is no secret', async (code, message) => {
  const { client } = manager({ GetSecretValue: refuse(code, message) });
  expect(await secretsManagerReader(client).findSecret(secret.name)).toBeUndefined();
});

test('what may not be looked at is not taken for absent', async () => {
  const { client } = manager({ GetSecretValue: refuse('AccessDeniedException') });
  await expect(secretsManagerReader(client).findSecret(secret.name)).rejects.toMatchObject({ code: 'aws-denied' });
});

test('a value that is too long is refused before AWS is asked', async () => {
  const { client, calls } = manager({});
  const value = new Secret('s'.repeat(65_537));
  await expect(secretsManagerWriter(client).putSecret({ ...secret, value })).rejects.toMatchObject({
    code: 'secret-unfit',
    message: expect.not.stringContaining('sss'),
  });
  expect(calls).toEqual([]);
});

describe('an AWS that repeats what it was sent', () => {
  let endpoint: string;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const denied = request.headers['x-amz-target']?.toString().includes('Create');
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-echo': encodeURIComponent(body) });
      response.end(
        JSON.stringify({ __type: denied ? 'AccessDeniedException' : 'ValidationException', message: `no: ${body}` }),
      );
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  test.each([
    ['Secrets Manager', () => secretsManagerWriter(secretsManagerClient({ ...options, endpoint })).putSecret(secret)],
    ['SSM', () => ssmWriter(ssmClient({ ...options, endpoint })).putParameter('/x', secret.value, {})],
  ])('%s: its error has no value in it, however deep one looks', async (_, put) => {
    const error = await put().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'MigrationError', cause: { name: expect.stringMatching(/Exception$/) } });
    const seen = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
    expect(seen).toContain('[redacted]');
    expect(seen).not.toContain('hunter2');
  });
});
