import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectAws } from '../../../src/aws/connect-aws.ts';

vi.setConfig({ testTimeout: 30_000 });

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aws-home-'));
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('AWS_'))) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  // Nothing listens there: no call leaves this machine.
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

test('no region at all says what to type', async () => {
  await expect(connectAws({})).rejects.toMatchObject({
    code: 'aws-region-missing',
    hint: expect.stringContaining('--region'),
  });
});

test('the region comes from the option, the environment or the profile', async () => {
  writeFileSync(join(home, 'config'), '[profile shop]\nregion = eu-west-1\n');
  await expect(connectAws({ region: 'eu-central-1' })).resolves.toBeDefined();
  await expect(connectAws({ profile: 'shop' })).resolves.toBeDefined();
});

test('no credentials', async () => {
  const { identity } = await connectAws({ region: 'eu-central-1' });
  await expect(identity()).rejects.toMatchObject({
    code: 'aws-credentials-missing',
    hint: expect.stringContaining('aws configure'),
  });
});

test('a profile that is not there', async () => {
  const { findVolume } = await connectAws({ region: 'eu-central-1', profile: 'nobody' });
  await expect(findVolume('x')).rejects.toMatchObject({
    code: 'aws-credentials-missing',
    hint: expect.stringContaining('list-profiles'),
  });
});

test('a region that cannot be one', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
  const attempt = connectAws({ region: 'no region' }).then(({ identity }) => identity());
  await expect(attempt).rejects.toMatchObject({ code: 'aws-region-unknown' });
});

test('the SDK says nothing of its own, and is not loaded before it is needed', () => {
  const source = `
    const { connectAws } = await import('./src/aws/connect-aws.ts');
    const before = process.moduleLoadList.length;
    await connectAws({ region: 'eu-central-1' });
    console.log(process.moduleLoadList.length > before ? 'loaded late' : 'loaded at once');`;
  const tsx = ['--import', 'tsx', '--input-type=module', '-e', source];
  const output = execFileSync('bash', ['-c', '"$@" 2>&1', 'bash', process.execPath, ...tsx], { encoding: 'utf8' });
  expect(output.trim()).toBe('loaded late');
});
