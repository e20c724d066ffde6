import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MotoServer, startMoto } from '../aws/moto-server.ts';
import { ecsodus, temporaryFolder } from './command.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = temporaryFolder();
let made = 0;

/** An operator's folder with these files in it. */
function workplace(files: Readonly<Record<string, string>> = {}): string {
  const path = join(folder, String(made++));
  mkdirSync(join(path, '.aws'), { recursive: true });
  for (const [name, text] of Object.entries({ 'ecsodus.yaml': 'name: blog\nsource: droplet\n', ...files }))
    writeFileSync(join(path, name), text);
  return path;
}

interface Trouble {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
}

/**
 * One error with a hint and exit code 1, from `plan` as from `run`, though the source is not to be reached either; and the
 * state folder holds nothing that a run had done.
 */
async function refused(trouble: Trouble, code: string, says: RegExp, hint: RegExp): Promise<void> {
  await Promise.all([['plan'], ['run', '--yes']].map((command) => refuses(command, trouble, code, says, hint)));
}

async function refuses(
  command: readonly string[],
  { files, env, args = [] }: Trouble,
  code: string,
  says: RegExp,
  hint: RegExp,
): Promise<void> {
  const cwd = workplace(files);
  const ended = await ecsodus(cwd, [...command, '--json', ...args], env);
  const lines = ended.stdout.trimEnd().split('\n');
  expect([ended.code, lines.length], ended.stderr).toEqual([1, 1]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    type: 'error',
    code,
    message: expect.stringMatching(says),
    hint: expect.stringMatching(hint),
  });
  expect(ended.stderr.match(/^error /gm)).toHaveLength(1);
  expect(journalOf(cwd)).toEqual([]);
}

/** What stands in the state folder, where there is one: of a run that was refused, no more than an empty journal. */
function journalOf(cwd: string): string[] {
  const state = join(cwd, '.ecsodus');
  const names = readdirSync(cwd).includes('.ecsodus') ? readdirSync(state, { recursive: true, encoding: 'utf8' }) : [];
  return names.filter(
    (name) => name !== 'blog' && !(name.endsWith('.jsonl') && readFileSync(join(state, name)).length === 0),
  );
}

const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-central-1' };

describe('ecsodus.yaml', () => {
  it.each<[string, string, RegExp, RegExp]>([
    ['source: droplet\nregoin: x\n', 'config-unknown-key', /unknown key "regoin"/, /Did you mean "region"/],
    ['source: droplet\ndisk: {sizeGib: big}\n', 'config-invalid', /disk\.sizeGib/, /Mend "disk\.sizeGib"/],
    ['source: droplet\nname: My_Blog\n', 'config-invalid', /name: must be 2 to 32/, /Mend "name"/],
    ['source: [droplet\n', 'config-syntax', /is not YAML/, /Mend that line/],
  ])('%j', async (text, code, says, hint) => {
    await refused({ files: { 'ecsodus.yaml': text } }, code, says, hint);
  });
});

describe('credentials, profile and region', () => {
  const region = { AWS_REGION: 'eu-central-1' };
  it.each<[string, Trouble, string, RegExp, RegExp]>([
    ['no credentials at all', { env: region }, 'aws-credentials-missing', /credentials/, /aws configure/],
    [
      'a profile that is not there',
      { env: region, args: ['--profile', 'nobody'] },
      'aws-credentials-missing',
      /credentials/,
      /aws configure list-profiles/,
    ],
    [
      'an SSO session that is over',
      {
        env: region,
        args: ['--profile', 'work'],
        files: {
          '.aws/config':
            '[profile work]\nsso_session = it\nsso_account_id = 123456789012\nsso_role_name = Admin\n[sso-session it]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-central-1\n',
        },
      },
      'aws-credentials-expired',
      /expired/,
      /aws sso login/,
    ],
    ['no region', {}, 'aws-region-missing', /region/, /--region/],
    [
      'a region that is none',
      { env: keys, args: ['--region', 'eu-nowhere-1'] },
      'aws-region-unknown',
      /eu-nowhere-1/,
      /aws ec2 describe-regions/,
    ],
  ])('%s', async (_, trouble, code, says, hint) => {
    await refused(trouble, code, says, hint);
  });
});

/** Answers every call of AWS alike, in the words of the service that is asked. */
let answer: { readonly code: string; readonly message: string; readonly status: number };
let server: Server;
let moto: MotoServer;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { code, message, status } = answer;
    const xml = `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors></Response>`;
    const isJson = request.headers['x-amz-target'] !== undefined;
    response.writeHead(status, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' });
    response.end(isJson ? JSON.stringify({ __type: code, message }) : xml);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  moto = await startMoto();
}, 60_000);

afterAll(async () => {
  server.close();
  await moto.stop();
});

describe('what AWS answers', () => {
  const user = 'User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ssm:GetParameter on resource: x';
  it.each<[string, string, number, string, RegExp, RegExp]>([
    ['ExpiredToken', 'The security token is expired', 400, 'aws-credentials-expired', /expired/, /aws sso login/],
    ['UnrecognizedClientException', 'The token is invalid', 400, 'aws-credentials-refused', /refuses/, /enable-region/],
    ['AccessDeniedException', user, 400, 'aws-denied', /ssm:GetParameter on x/, /user\/ann.*src\/aws\/permissions\.ts/],
    ['OptInRequired', 'You are not subscribed', 403, 'aws-failed', /not subscribed/, /portal\.aws/],
  ])('%s', async (code, message, status, ours, says, hint) => {
    answer = { code, message, status };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await refused({ env: { ...keys, AWS_ENDPOINT_URL: url } }, ours, says, hint);
  });

  it('nothing: nobody listens at the endpoint', async () => {
    const env = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    await refused({ env }, 'aws-unreachable', /no answer from AWS.*127\.0\.0\.1:9/, /AWS_ENDPOINT_URL/);
  });

  it('an instance of that name, which is not ours', async () => {
    const client = new EC2({
      endpoint: moto.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
    const { Images: [image] = [] } = await client.describeImages({ Owners: ['amazon'] });
    const wanted = { ImageId: image?.ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
    const Tags = [{ Key: 'Name', Value: 'ecsodus-blog' }];
    await client.runInstances({ ...wanted, TagSpecifications: [{ ResourceType: 'instance', Tags }] });
    const before = await client.describeInstances();
    await refused({ env: moto.environment }, 'not-ours', /instance ecsodus-blog \(i-/, /another "name"/);
    expect((await client.describeInstances()).Reservations).toEqual(before.Reservations);
  });
});
