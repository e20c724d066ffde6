import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ecsodus, temporaryFolder } from './command.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = temporaryFolder();
let made = 0;

function workplace(document?: string): string {
  const path = join(folder, String(made++));
  mkdirSync(path);
  if (document !== undefined) writeFileSync(join(path, 'ecsodus.yaml'), document);
  return path;
}

describe('without a terminal', () => {
  it.each<[string, readonly string[]]>([
    ['ecsodus init', ['init']],
    ['ecsodus', []],
    ['ecsodus with flags', ['--state-dir', 'state']],
  ])('%s says which flags or keys are missing, and writes nothing', async (_, words) => {
    const cwd = workplace();
    const { code, stdout, stderr } = await ecsodus(cwd, words);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/no terminal/);
    for (const flag of ['--source <host>', '--region <region>', '--leave <', '--instance-type <type>', '--yes'])
      expect(stderr).toContain(`  ${flag}`);
    expect(stderr).toMatch(/hint .*keys of ecsodus\.yaml.*ecsodus init --source <host> --yes/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('does not miss what a flag or a key says', async () => {
    const cwd = workplace('source: droplet\ndisk: { sizeGib: 9 }\n');
    const { code, stderr } = await ecsodus(cwd, ['init', '--region', 'eu-central-1', '--leave', 'none']);
    expect(code).toBe(1);
    for (const flag of ['--source', '--disk-gib', '--region', '--leave']) expect(stderr).not.toContain(`  ${flag}`);
    expect(stderr).toContain('  --secrets <ssm|secrets-manager|plain>');
  });

  it.each<[string, string | undefined, readonly string[], string, RegExp]>([
    ['nobody can be guessed', undefined, ['--region', 'x'], 'unanswered', /--source <host>/],
    ['a flag that is wrong', undefined, ['--disk-gib', 'big'], 'flags', /whole number/],
    ['a file that is wrong', 'source: droplet\nsnapshto: x\n', [], 'config-unknown-key', /snapshot/],
    [
      'what the file would not take',
      'source: droplet\n',
      ['--secrets', 'vault', '--region', 'x'],
      'config-invalid',
      /secrets/,
    ],
  ])('with --yes: %s', async (_, document, flags, code, hint) => {
    const cwd = workplace(document);
    const ended = await ecsodus(cwd, ['init', '--yes', '--json', ...flags]);
    expect(ended.code, ended.stderr).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ code, hint: expect.stringMatching(hint) });
    expect(document && readFileSync(join(cwd, 'ecsodus.yaml'), 'utf8')).toBe(document);
  });
});

it('a command that is none is still refused as one', async () => {
  const { code, stderr } = await ecsodus(workplace(), ['inti']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('Did you mean init?')]);
});
