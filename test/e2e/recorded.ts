import { readFile } from 'node:fs/promises';
import { type Host, inHost, inShell, runningHosts } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import type { Operator } from '../lab/operator.ts';
import { logPath } from '../lab/processes.ts';
import { startAwsProxy } from '../weather/aws-proxy.ts';
import { Tally } from '../weather/faults.ts';

/** What was asked of AWS and of the registry, `ec2 DescribeInstances` and `registry GET /v2/…`. */
export interface Recorded<T> {
  readonly outcome: T;
  readonly asked: readonly string[];
  /** Those of them that may have changed something. */
  readonly writes: readonly string[];
}

/** What only looks; tokens are handed out by Get…, and SimulatePrincipalPolicy asks what would be allowed. */
const looks =
  /^(sts|ec2|ecr|ecs|iam|ssm|secretsmanager|servicequotas) (Get|BatchGet|List|Describe|Simulate)|^registry (GET|HEAD) /;

/** Does something with a recorder before AWS; the registry keeps a record of its own. */
export async function recorded<T>(
  lab: Lab,
  operator: Operator,
  work: (recording: Operator) => Promise<T>,
): Promise<Recorded<T>> {
  const asked: string[] = [];
  const registry = await registryRequests(lab);
  const proxy = await startAwsProxy({
    port: lab.moto?.port ?? 0,
    draw: () => 1,
    tally: new Tally(),
    onToken: () => {},
    onCall: ({ service, action }) => asked.push(`${service} ${action}`),
  });
  try {
    const outcome = await work({ ...operator, env: { ...operator.env, AWS_ENDPOINT_URL: proxy.url } });
    asked.push(...(await registryRequests(lab)).slice(registry.length));
    return { outcome, asked, writes: asked.filter((call) => !looks.test(call)) };
  } finally {
    proxy.close();
  }
}

async function registryRequests(lab: Lab): Promise<string[]> {
  const log = await readFile(logPath(lab.name, 'registry'), 'utf8');
  return [...log.matchAll(/"([A-Z]+ \/v2\/\S*) HTTP\/1\.1"/g)].map(([, request]) => `registry ${request}`);
}

/** Everything on the lab's hosts that ecsodus could have touched, one fact a line: Docker's state, files, rules, processes. */
export async function touchable({ name }: Lab): Promise<string[]> {
  const facts = (await runningHosts(name)).map(async (host) =>
    [...(await inShell(host, script)).trimEnd().split('\n'), ...(await processes(host))].map(
      (fact) => `${host.name} ${fact}`,
    ),
  );
  return (await Promise.all(facts)).flat().sort();
}

const script = `set -u
docker ps -aq --no-trunc | xargs -r docker inspect -f 'container {{.Id}} {{.State.StartedAt}} {{.State.Status}} {{json .HostConfig}} {{json .Config}} {{json .Mounts}}'
docker images -a --no-trunc --format 'image {{.ID}} {{.Repository}}:{{.Tag}}'
docker volume ls --format 'volume {{.Name}}'
docker network ls --no-trunc --format 'network {{.ID}} {{.Name}}'
find /etc /root /home /var/lib/ecsodus /run/ecsodus /usr/local /data -xdev ! -path '/data/volumes/*' -printf 'entry %p %y %m %U:%G %s %T@ %l\\n' 2>/dev/null
iptables-save | sed -n 's/^-A/rule/p'`;

/** Those of the host itself, with their numbers: none ended, none began. */
const processes = async (host: Host): Promise<string[]> =>
  (await inHost(host, ['pgrep', '--ns', '1', '--nslist', 'pid', '-l', '.'])).stdout
    .trimEnd()
    .split('\n')
    .map((line) => `process ${line}`);
