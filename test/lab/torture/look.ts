import { type Host, inHost } from '../host.ts';
import { field, type Seen } from './sight.ts';
import { rows } from './stack.ts';

/** One call by name, from inside a container, and who answered. */
export interface Answered {
  readonly call: string;
  readonly wanted: string;
  readonly answer: string;
}

/** Every call of the stack, made from inside each container as it runs on this host. */
export async function makeCalls(host: Host, containers: readonly Seen[]): Promise<Answered[]> {
  const made = rows.flatMap(({ name, calls = {} }) =>
    Object.entries(calls).map(async ([peer, wanted]): Promise<Answered> => {
      const id = containers.find((container) => container.name === name)?.inspect.Id;
      const call = `${name} → ${peer}`;
      if (id === undefined) return { call, wanted, answer: `${name} does not run` };
      const ask = `exec busybox timeout 9 wget -q -O - "http://${peer}/cgi-bin/who"`;
      const argv = ['docker', 'exec', String(id), 'sh', '-c', ask];
      const { stdout, stderr } = await inHost(host, argv);
      return { call, wanted, answer: stdout || stderr.trim() };
    }),
  );
  return Promise.all(made);
}

/** Digest of all that a running container sees at each of its mounts. */
export async function digests(host: Host, { inspect }: Seen): Promise<Record<string, string>> {
  const mounts = field(inspect, 'Mounts') as readonly { Type: string; Destination: string }[];
  const files = mounts.filter(({ Type }) => Type !== 'tmpfs').map(({ Destination }) => Destination);
  const root = `/proc/${field(inspect, 'State', 'Pid')}/root`;
  const found = files.map(async (path) => [path, await digest(host, root + path)] as const);
  return Object.fromEntries(await Promise.all(found));
}

async function digest(host: Host, path: string): Promise<string> {
  const script = `if [ -d "$1" ]; then cd "$1"; set .; fi
    { find "$1" -printf '%P %y %m %U:%G %T@ %l\n'; find "$1" -type f -exec md5sum {} + | sed "s|$1||"; } | sort | md5sum`;
  const { stdout, stderr, code } = await inHost(host, ['sh', '-c', script, 'sh', path]);
  return code === 0 && stderr === '' ? stdout.trim() : `not read: ${stderr.trim()}`;
}
