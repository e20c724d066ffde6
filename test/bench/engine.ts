import Docker from 'dockerode';
import type { Json } from '../../src/ecs/json.ts';
import { type Host, inHost } from '../lab/host.ts';

/** The droplet's Docker, as its owner uses it, and as programs beside it do. */
export interface Engine {
  readonly host: Host;
  readonly api: Docker;
  /** For programs that go by DOCKER_HOST: the droplet's own socket, seen through /proc. */
  readonly address: string;
  /** Fails unless docker does well. */
  readonly docker: (...words: readonly string[]) => Promise<string>;
  readonly inspect: (name: string) => Promise<Json>;
}

export function engineOf(host: Host): Engine {
  const socketPath = `${host.root}/run/docker.sock`;
  const docker = (...words: readonly string[]) => inHostOrFail(host, ['docker', ...words]);
  return {
    host,
    api: new Docker({ socketPath }),
    address: `unix://${socketPath}`,
    docker,
    inspect: async (name) => (JSON.parse(await docker('inspect', name)) as Json[])[0] ?? {},
  };
}

export async function inHostOrFail(host: Host, argv: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await inHost(host, argv, { input });
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}
