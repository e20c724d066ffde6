import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import { labDir, type Registry, registryHost } from './lab.ts';
import { bridgeNetnsPath } from './network.ts';
import { logPath, startProcess, until } from './processes.ts';

export const registryStorage = (lab: string): string => join(labDir(lab), 'registry/storage');

/** Debian's docker-registry, as ECR: its name, TLS by the lab's CA, user AWS with a password of this lab. */
export async function startRegistry(lab: string, prefix: string): Promise<Registry & { readonly pid: number }> {
  const dir = join(labDir(lab), 'registry');
  const address = `${prefix}.3`;
  const password = randomBytes(18).toString('base64url');
  await mkdir(registryStorage(lab), { recursive: true });
  await makeCertificates(dir, address);
  await writeFile(join(dir, 'htpasswd'), await run(['htpasswd', '-niB', 'AWS'], { input: password }), { mode: 0o600 });
  await writeFile(join(dir, 'config.yml'), configuration(dir, address));

  const serve = ['docker-registry', 'serve', join(dir, 'config.yml')];
  const pid = startProcess(lab, ['nsenter', `--net=${bridgeNetnsPath(lab)}`, ...serve], logPath(lab, 'registry'));
  const registry = { host: registryHost, address, user: 'AWS', password, ca: join(dir, 'ca.crt'), pid };
  await until(`the registry (see ${logPath(lab, 'registry')})`, 15_000, async () => {
    const { stdout } = await attempt(['curl', '-s', '--cacert', registry.ca, `https://${address}/v2/`]);
    return stdout.includes('UNAUTHORIZED') ? true : undefined;
  });
  return registry;
}

/** Lets a host's Docker believe the registry; its /etc/hosts must name it too (`registryEntry`). */
export async function trustRegistry(root: string, registry: Registry): Promise<void> {
  const trusted = join(root, 'etc/docker/certs.d', registry.host);
  await mkdir(trusted, { recursive: true });
  await copyFile(registry.ca, join(trusted, 'ca.crt'));
}

export const registryEntry = (registry: Registry): Record<string, string> => ({ [registry.host]: registry.address });

async function makeCertificates(dir: string, address: string): Promise<void> {
  const at = (name: string): string => join(dir, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const authority = ['-keyout', at('ca.key'), '-out', at('ca.crt'), '-subj', '/CN=ecsodus lab CA'];
  await run(['openssl', 'req', '-x509', '-days', '30', ...key, ...authority]);
  const server = ['-keyout', at('server.key'), '-out', at('server.crt'), '-subj', `/CN=${registryHost}`];
  const names = ['-addext', `subjectAltName=DNS:${registryHost},IP:${address}`, '-addext', 'basicConstraints=CA:FALSE'];
  const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key')];
  await run(['openssl', 'req', '-x509', '-days', '30', ...key, ...signed, ...server, ...names]);
}

const configuration = (dir: string, address: string): string => `version: 0.1
log: { level: info }
storage:
  filesystem: { rootdirectory: ${dir}/storage }
  delete: { enabled: true }
http:
  addr: ${address}:443
  tls: { certificate: ${dir}/server.crt, key: ${dir}/server.key }
auth:
  htpasswd: { realm: ecr, path: ${dir}/htpasswd }
`;
