import { describe, expect, it } from 'vitest';
import { configSchema, parseConfig } from '../../src/config.ts';

describe('config', () => {
  it('needs no more than the source', () => {
    expect(parseConfig('source: droplet')).toMatchObject({
      name: 'droplet',
      source: 'droplet',
      instance: {},
      snapshot: 'local',
      secrets: 'ssm',
      forward: true,
      checks: [],
    });
  });

  it.each([
    ['source: deploy@blog', 'blog'],
    ['source: BLOG', 'blog'],
    ['{ source: x, name: my-shop }', 'my-shop'],
  ])('%s is called %s', (text, name) => {
    expect(parseConfig(text).name).toBe(name);
  });

  it.each([
    ['', 'config-invalid', 'source', undefined],
    ['source: droplet\nsnapshto: none', 'config-unknown-key', '"snapshto"', 'Did you mean "snapshot"?'],
    ['source: droplet\ninstance: { tpye: t3.small }', 'config-unknown-key', '"instance.tpye"', 'Did you mean "type"?'],
    ['source: droplet\ndisk: { sizeGib: big }', 'config-invalid', 'disk.sizeGib', undefined],
    ['source: droplet\nsnapshot: maybe', 'config-invalid', 'snapshot', undefined],
    ['source: droplet\nchecks: [ftp://x/]', 'config-invalid', 'checks.0', undefined],
    ['source: 10.0.0.1', 'config-name', '10.0.0.1', 'Add a line "name:'],
    ['source: [', 'config-syntax', 'not YAML', undefined],
  ])('%j is refused with %s', (text, code, message, hint) => {
    const refused = expect(() => parseConfig(text));
    refused.toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    if (hint) refused.toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  it('takes one directory to be lifted for a list of one', () => {
    const text =
      'source: droplet, outsideVolumes: { blog: commit, cache: ignore, shop: { volume: /a }, wiki: { volume: [/a, /b] } }';
    expect(parseConfig(`{ ${text} }`).outsideVolumes).toEqual({
      blog: 'commit',
      cache: 'ignore',
      shop: { volume: ['/a'] },
      wiki: { volume: ['/a', '/b'] },
    });
  });

  it.each(['keep', '{ volume: relative }', '{ volume: / }', '{ volume: [] }', '{ volumes: /a }'])(
    'outsideVolumes of %s is refused by name',
    (choice) => {
      expect(() => parseConfig(`source: droplet\noutsideVolumes: { shop: ${choice} }`)).toThrow(/outsideVolumes\.shop/);
    },
  );

  it('has a JSON Schema that refuses unknown keys', () => {
    expect(configSchema()).toMatchObject({ type: 'object', required: ['source'], additionalProperties: false });
  });
});
