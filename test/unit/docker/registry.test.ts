import { describe, expect, test } from 'vitest';
import { hasManifest, registryAnswer, registryFailure, splitReference } from '../../../src/docker/registry.ts';
import { MigrationError } from '../../../src/errors.ts';

test.each([
  ['nginx', 'nginx', 'latest'],
  ['nginx:1.22', 'nginx', '1.22'],
  ['localhost:5000/nginx', 'localhost:5000/nginx', 'latest'],
  ['localhost:5000/a/b:c', 'localhost:5000/a/b', 'c'],
  ['a/b@sha256:00ff', 'a/b', 'sha256:00ff'],
])('splitReference(%s)', (reference, repository, tag) => {
  expect(splitReference(reference)).toEqual({ repository, tag });
});

// Recorded from dockerd 20.10 with Debian's registry, or quoted from ECR's and Docker Hub's documented answers.
const answers: readonly (readonly [number | undefined, string, ReturnType<typeof registryAnswer>])[] = [
  [401, 'unauthorized: authentication required', 'registry-denied'],
  [500, 'unauthorized: authentication required', 'registry-denied'],
  [
    500,
    'Head "https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/manifests/b": no basic auth credentials',
    'registry-denied',
  ],
  [undefined, 'denied: Your authorization token has expired. Reauthenticate and try again.', 'registry-denied'],
  [
    403,
    'denied: User: arn:aws:iam::1:user/x is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:1:repository/a',
    'registry-denied',
  ],
  [
    404,
    "pull access denied for a, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'registry-denied',
  ],
  [404, "name unknown: The repository with name 'a' does not exist in the registry with id '1'", 'repository-missing'],
  [
    undefined,
    "name unknown: The repository with name 'a' does not exist in the registry with id '1'",
    'repository-missing',
  ],
  [404, 'manifest unknown: manifest unknown', 'manifest-missing'],
  [404, 'manifest unknown: Requested image not found', 'manifest-missing'],
  [500, 'manifest unknown: manifest unknown', 'manifest-missing'],
  [404, 'errors:\nmanifest unknown\n', 'manifest-missing'],
  [500, 'Get "https://r/v2/": dial tcp 10.0.0.1:443: connect: connection refused', 'registry-unreachable'],
  [500, 'Get "https://r/v2/": x509: certificate signed by unknown authority', 'registry-unreachable'],
  [
    500,
    'Get "https://r/v2/": tls: failed to verify certificate: x509: certificate is valid for a, not b',
    'registry-unreachable',
  ],
  [500, 'Get "https://r/v2/": dial tcp: lookup r on 127.0.0.53:53: no such host', 'registry-unreachable'],
  [
    500,
    'Get "https://r/v2/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
    'registry-unreachable',
  ],
  [500, 'Get "https://r/v2/": http: server gave HTTP response to HTTPS client', 'registry-unreachable'],
  [500, 'received unexpected HTTP status: 503 Service Unavailable', 'registry-busy'],
  [500, 'toomanyrequests: Rate exceeded', 'registry-busy'],
  [
    500,
    'failed commit on ref "layer-sha256:1": unexpected status from PUT request to https://r/v2/a/blobs: 500 Internal Server Error',
    'registry-busy',
  ],
  [403, 'Forbidden', 'registry-denied'],
  [403, 'anything', 'registry-denied'],
  [404, '', 'manifest-missing'],
  [500, "layers from manifest don't match image configuration", undefined],
];
test.each(answers)('%s %j', (status, message, expected) => {
  expect(registryAnswer(status, message)).toBe(expected);
});

describe('hasManifest', () => {
  const failure = (statusCode: number, message: string) =>
    Object.assign(new Error(message), { statusCode, json: { message } });
  const ask = (asked: Promise<unknown>) =>
    hasManifest('r/a:b', 'r', asked, (error) => new MigrationError('docker-failed', String(error)));

  test('only the registry itself can say no', async () => {
    expect(await ask(Promise.resolve({}))).toBe(true);
    expect(await ask(Promise.reject(failure(404, 'manifest unknown: manifest unknown')))).toBe(false);
    expect(await ask(Promise.reject(failure(404, 'name unknown: no repository')))).toBe(false);
    await expect(ask(Promise.reject(failure(404, 'page not found')))).rejects.toMatchObject({ code: 'docker-too-old' });
    await expect(ask(Promise.reject(failure(401, 'unauthorized')))).rejects.toMatchObject({ code: 'registry-denied' });
    await expect(ask(Promise.reject(failure(500, 'dial tcp: x')))).rejects.toMatchObject({
      code: 'registry-unreachable',
    });
    await expect(ask(Promise.reject(failure(500, 'odd')))).rejects.toMatchObject({ code: 'docker-failed' });
    await expect(ask(Promise.reject(new MigrationError('ssh-dropped', 'x')))).rejects.toMatchObject({
      code: 'ssh-dropped',
    });
  });

  test("an image the engine itself lacks is not the registry's fault", () => {
    expect(
      registryFailure('push r/a:b', 'r', new Error('An image does not exist locally with the tag: r/a')),
    ).toBeUndefined();
    expect(registryFailure('push r/a:b', 'r', failure(404, 'No such image: r/a:b'))).toBeUndefined();
  });
});
