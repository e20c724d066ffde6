import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { recordOf, textOf } from './json.ts';

/** By a label of the container: who made it, and the name he knows it by. The label's value is that name. */
const keepers = [
  { label: 'com.docker.swarm.service.name', keeper: 'Swarm', what: 'service', look: 'docker service inspect' },
  { label: 'io.kubernetes.pod.name', keeper: 'Kubernetes', what: 'pod', look: 'kubectl get -o yaml pod' },
  { label: 'com.hashicorp.nomad.job_name', keeper: 'Nomad', what: 'job', look: 'nomad job inspect' },
] as const;

const removals = { Swarm: 'docker service rm', Kubernetes: 'kubectl delete', Nomad: 'nomad job stop' } as const;

/** A container that somebody else than Docker starts anew as soon as it is stopped cannot be frozen. */
export function keptElsewhere(container: Container, networks: ReadonlyMap<string, unknown>): Finding[] {
  const labels = recordOf(container.inspect.Config.Labels);
  const found = keepers.find(({ label }) => textOf(labels[label]) !== '');
  if (found === undefined) return onSwarmNetwork(container, networks);
  const { keeper, what, look } = found;
  const name = textOf(labels[found.label]);
  const secrets = keeper === 'Swarm' ? ' Its configs and secrets are Swarm’s, and in no volume.' : '';
  const panel = name.startsWith('srv-captain--') || name.startsWith('captain-') ? ' (CapRover made it)' : '';
  return [
    {
      level: 'blocker',
      code: 'kept-elsewhere',
      subject: container.name,
      message: `${keeper} keeps it, as its ${what} ${name}${panel}: when it is stopped, ${keeper} starts another, beside the target.${secrets}`,
      remedy: `Make a container of it that Docker keeps: see what it has (${look} ${name}), take it away (${removals[keeper]} ${name}), and start it with docker run or docker compose on the same volumes; then plan again. Or let it stay: leave: [${container.name}] in ecsodus.yaml.`,
    },
  ];
}

/** Names on such a network may lead to other hosts. */
function onSwarmNetwork(container: Container, networks: ReadonlyMap<string, unknown>): Finding[] {
  const joined = Object.keys(container.inspect.NetworkSettings.Networks);
  return joined
    .filter((name) => recordOf(networks.get(name)).Scope === 'swarm')
    .map((name) => ({
      level: 'warning',
      code: 'swarm-network',
      subject: container.name,
      message: `Its network ${name} is Swarm’s: services and hosts of the swarm have names there that lead nowhere on the instance.`,
      remedy: 'Give it addresses that lead there from the instance, where it calls one of them.',
    }));
}
