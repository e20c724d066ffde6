import { attempt } from './command.ts';
import { bridgeNetnsPath } from './network.ts';
import { logPath, startProcess, until } from './processes.ts';

/**
 * The hosts' DNS: a real resolver that knows no name, as a VPC's knows none of a container's addresses. Without one,
 * Docker gives containers a resolver on the internet, and databases that look their clients up wait for its answer.
 */
export async function startResolver(lab: string, prefix: string): Promise<number> {
  const address = `${prefix}.3`;
  const quiet = ['--no-resolv', '--no-hosts', '--conf-file=/dev/null', '--pid-file=', '--user=root'];
  const serve = ['dnsmasq', '--keep-in-foreground', ...quiet, '--local=/#/', `--listen-address=${address}`];
  const inside = ['nsenter', `--net=${bridgeNetnsPath(lab)}`];
  const pid = startProcess(lab, [...inside, ...serve, '--bind-interfaces'], logPath(lab, 'resolver'));
  await until(`the resolver (see ${logPath(lab, 'resolver')})`, 5_000, async () => {
    const { stdout } = await attempt([...inside, 'ss', '-Hlun', `src ${address}:53`]);
    return stdout === '' ? undefined : true;
  });
  return pid;
}
