import { expect, test } from 'vitest';
import { registryAnswer } from '../../../src/docker/registry.ts';
import { Expiry, registryRefusal } from '../../weather/registry-request.ts';

const upload = (expiry: Expiry) => expiry.refuses('POST', '/v2/blog/web/blobs/uploads/', true);

test('the token ends in the middle of a push, and a fresh one is good', () => {
  const expiry = new Expiry(2);
  expect([upload(expiry), expiry.refuses('HEAD', '/v2/', true), upload(expiry)]).toEqual([false, false, true]);
  expect(expiry.refuses('PUT', '/v2/blog/web/manifests/1', true)).toBe(true);
  expiry.renewed();
  expect([upload(expiry), upload(expiry), upload(expiry)]).toEqual([false, false, false]);
});

test('who has no token is asked for one by the registry itself', () => {
  const expiry = new Expiry(1);
  upload(expiry);
  expect(expiry.refuses('GET', '/v2/', false)).toBe(false);
});

test('its words are those of a registry', () => {
  expect(registryRefusal('busy')).toMatchObject({ status: 429, body: expect.stringContaining('TOOMANYREQUESTS') });
  expect(registryRefusal('expired').headers['www-authenticate']).toMatch(/^Basic/);
  expect(registryAnswer(429, registryRefusal('busy').body)).toBe('registry-busy');
  expect(registryAnswer(undefined, registryRefusal('expired').body)).toBe('registry-denied');
});
