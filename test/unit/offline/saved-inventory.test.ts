import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { MigrationError } from '../../../src/errors.ts';
import { readSavedInventory } from '../../../src/offline/saved-inventory.ts';

const folder = mkdtempSync(join(tmpdir(), 'ecsodus-offline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixtures = new URL('../../fixtures/inspect/', import.meta.url).pathname;
const recorded = (file: string) => readFileSync(join(fixtures, file), 'utf8');
const whole = JSON.parse(recorded('containers.json')) as Record<string, unknown>[];
const names = whole.map(({ Name }) => String(Name).slice(1));

let made = 0;
function file(text: string | Buffer): string {
  const path = join(folder, `${made++}.json`);
  writeFileSync(path, text);
  return path;
}

const read = async (text: string | Buffer, more: { images?: string; stats?: string } = {}) =>
  readSavedInventory({
    containers: file(text),
    ...(more.images !== undefined && { images: file(more.images) }),
    ...(more.stats !== undefined && { stats: file(more.stats) }),
  });

const refusal = (attempt: Promise<unknown>): Promise<MigrationError> =>
  attempt.then(
    () => Promise.reject(new Error('was read')),
    (error: MigrationError) => error,
  );

describe('containers that cannot be read', () => {
  it.each<[string, string, string, RegExp]>([
    ['empty', '', 'input-empty', /is empty \(--containers\)/],
    ['blank', ' \n', 'input-empty', /is empty/],
    ['an empty list', '[]', 'input-empty', /holds no container/],
    ['truncated', recorded('containers.json').slice(0, 30_000), 'input-truncated', /cut off.*line \d{4}\b/],
    ['truncated in a string', '[{"Id":"7f', 'input-truncated', /cut off.*line 1\b/],
    ['truncated in the second list', '[]\n[{', 'input-truncated', /cut off.*line 2\b/],
    ['text', 'CONTAINER ID   IMAGE\nabc   web\n', 'input-not-json', /is not JSON \(line 1\)/],
    ['an error at its end', '[]\nError: No such object: web\n', 'input-not-json', /is not JSON \(line 2\)/],
    ['a trailing comma', '[\n{"Id": "a",\n}\n]', 'input-not-json', /is not JSON \(line 3\)/],
    ['a bracket too many', '[]\n]', 'input-not-json', /is not JSON \(line 2\)/],
    ['a number', '42', 'input-kind', /no object at position 1/],
    ['a list of lists', '[[{}]]', 'input-kind', /no object at position 1/],
    ['services', '[{"Spec":{"Name":"web","TaskTemplate":{}},"Endpoint":{}}]', 'input-kind', /"docker service inspect"/],
    ['images', recorded('images.json'), 'input-kind', /"docker image inspect"/],
    ['networks', '[{"Name":"bridge","Id":"a","IPAM":{}}]', 'input-kind', /"docker network inspect"/],
    ['volumes', '[{"Name":"v","Mountpoint":"/v"}]', 'input-kind', /"docker volume inspect"/],
    ['docker ps', '{"Names":"web","State":"running"}', 'input-kind', /"docker ps"/],
    ['JSON of something else', '{"hello":1}', 'input-kind', /not of Docker.*the keys hello/],
    ['one odd among containers', JSON.stringify([...whole, { IPAM: {} }]), 'input-kind', /"docker network inspect"/],
    ['a part of one', '[{"Id":"a","Name":"/a","HostConfig":{}}]', 'input-maimed', /number 1, without Image and Config/],
    [
      'null for its settings',
      '[{"Id":"a","Name":"/a","Image":"b","HostConfig":null,"Config":{}}]',
      'input-maimed',
      /without HostConfig/,
    ],
  ])('%s', async (_, text, code, message) => {
    const error = await refusal(read(text));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.hint).toMatch(/--containers: docker inspect \$\(docker ps -aq\) > containers\.json/);
  });

  it('no such file, and a directory', async () => {
    const directory = join(folder, 'directory');
    mkdirSync(directory);
    expect(await refusal(readSavedInventory({ containers: join(folder, 'nope') }))).toMatchObject({
      code: 'input-missing',
      message: expect.stringMatching(/There is no .*nope to read \(--containers\)/),
    });
    expect(await refusal(readSavedInventory({ containers: directory }))).toMatchObject({
      code: 'input-unreadable',
      message: expect.stringMatching(/is a directory/),
    });
  });

  it('are not quoted: they may hold a password', async () => {
    const error = await refusal(read('[{"Id":"a","Config":{"Env":["DB_PASSWORD=hunter2" "X=1"]}}]'));
    expect(error.message).toMatch(/is not JSON/);
    expect(error.message).not.toMatch(/hunter2|PASSWORD/);
  });
});

describe('beside them', () => {
  const good = JSON.stringify(whole);
  it.each<[string, { images?: string; stats?: string }, RegExp]>([
    ['images cut off', { images: '[{' }, /cut off.*\(--images\)/],
    ['images empty', { images: '' }, /is empty \(--images\)/],
    ['containers for images', { images: good }, /"docker inspect" prints \(--images\)/],
    ['stats empty', { stats: '' }, /is empty \(--stats\)/],
    ['containers for stats', { stats: good }, /something else than what "docker stats" prints \(--stats\)/],
    ['a map of something else', { stats: '{"web":{"cpu":1}}' }, /something else/],
  ])('%s', async (_, more, message) => {
    expect((await refusal(read(good, more))).message).toMatch(message);
  });

  it('an empty list of images or stats is one', async () => {
    const { inventory, findings } = await read(good, { images: '[]', stats: '[]' });
    expect([inventory.images, findings]).toEqual([[], []]);
  });
});

describe('shapes of the file', () => {
  const lines = (list: readonly unknown[]) => list.map((each) => JSON.stringify(each)).join('\n');
  it.each<[string, string | Buffer, readonly string[]]>([
    ['a list', JSON.stringify(whole, undefined, 4), names],
    ['one object', JSON.stringify(whole[0]), names.slice(0, 1)],
    ['several lists after one another', whole.map((each) => `${JSON.stringify([each])}\n`).join(''), names],
    ['without a space between them', whole.map((each) => JSON.stringify([each], undefined, 2)).join(''), names],
    ['a line each', lines(whole), names],
    ['UTF-16, as PowerShell redirects', Buffer.from(`\uFEFF${JSON.stringify(whole)}`, 'utf16le'), names],
    ['UTF-8 with a byte order mark', `\uFEFF${JSON.stringify(whole)}`, names],
    ['the same twice', lines([...whole, ...whole]), names],
    ['brackets and quotes in values', lines([{ ...whole[0], Note: 'a ]} \\" [{' }, whole[1]]), names.slice(0, 2)],
  ])('%s', async (_, text, expected) => {
    const { inventory, findings } = await read(text);
    expect(inventory.containers.map(({ name }) => name)).toEqual(expected);
    expect(inventory.containers.every(({ running }) => running)).toBe(true);
    expect(findings).toEqual([]);
  });
});

describe('containers of more than one host', () => {
  it('with one name are told apart, and named', async () => {
    const [first] = whole;
    const other = { ...first, Id: 'f'.repeat(64) };
    const { inventory, findings } = await read(JSON.stringify([first, other]));
    expect(inventory.containers.map(({ name }) => name)).toEqual([names[0], `${names[0]}-ffffffffffff`]);
    expect(findings).toMatchObject([
      { level: 'warning', code: 'container-name-twice', subject: `${names[0]}-ffffffffffff` },
    ]);
  });

  it('with one id are not taken for one', async () => {
    const { inventory } = await read(JSON.stringify([whole[0], { ...whole[0], Name: '/copy' }]));
    expect(inventory.containers.map(({ name }) => name)).toEqual([names[0], 'copy']);
  });
});

describe('saved stats', () => {
  const { Id: id, Name: slashed } = whole[0] as { Id: string; Name: string };
  const name = slashed.slice(1);
  const engine = { memory_stats: { usage: 5000, stats: { inactive_file: 1000 } } };
  const v1 = { memory_stats: { usage: 5000, stats: { total_inactive_file: 4000, inactive_file: 1 } } };
  it.each<[string, unknown, number | undefined]>([
    ['a line, by short id', { ID: id.slice(0, 12), MemUsage: '12.5MiB / 1GiB' }, 12.5 * 1024 ** 2],
    ['a line, by name', { Name: name, MemUsage: '1.5GiB / 2GiB' }, 1.5 * 1024 ** 3],
    ['an old engine’s units', { Container: name, MemUsage: '3.5 MB / 1 GB' }, 3_500_000],
    ['stopped', { Name: name, MemUsage: '0B / 0B' }, undefined],
    ['stopped, for another engine', { Name: name, MemUsage: '-- / --' }, undefined],
    ['the engine’s own', { name: slashed, id, ...engine }, 4000],
    ['the engine’s own, of cgroup v1', { name: slashed, ...v1 }, 1000],
    ['the engine’s own, stopped', { name: slashed, memory_stats: {} }, undefined],
    ['a map by id', { [id]: engine }, 4000],
    ['a map by name', { [name]: engine }, 4000],
    [
      'the highest of several',
      [
        { Name: name, MemUsage: '2KiB / 1GiB' },
        { Name: name, MemUsage: '9KiB / 1GiB' },
        { Name: name, MemUsage: '3KiB / 1GiB' },
      ],
      9 * 1024,
    ],
    ['another’s', { Name: `${name}2`, MemUsage: '2KiB / 1GiB' }, undefined],
  ])('%s', async (_, stats, expected) => {
    const { inventory } = await read(JSON.stringify(whole), { stats: JSON.stringify(stats) });
    const [first, ...others] = inventory.containers;
    expect(first?.usage?.memoryBytes).toBe(expected);
    expect(others.every(({ usage }) => usage === undefined)).toBe(true);
  });
});
