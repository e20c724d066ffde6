import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { manifest, parseManifest } from '../../../src/queries/manifest.ts';
import { run, temporaryDirectory } from './run.ts';

let directory: string;
const at = (name: string) => join(directory, name);
beforeEach(() => {
  directory = temporaryDirectory();
  writeFileSync(at('two words'), 'content of two words');
});

describe('manifest of a file', () => {
  const fileDigest = (path: string) => parseManifest(run(manifest(path, 'file')));

  test('is the same under another name, and notices content and mode', () => {
    execFileSync('cp', ['-a', at('two words'), at('other')]);
    const before = fileDigest(at('two words'));
    expect(before).toMatchObject({ files: 1, bytes: 20 });
    expect(fileDigest(at('other'))).toEqual(before);
    chmodSync(at('other'), 0o600);
    expect(fileDigest(at('other')).digest).not.toBe(before.digest);
  });

  test('a directory is refused', () => {
    expect(() => fileDigest(directory)).toThrow('not a file');
  });
});
