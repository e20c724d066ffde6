import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { definedBy, type Workload } from '../../design.ts';
import type { PlanDocument } from '../plan-document.ts';

/** What the picture shows of one container. */
export interface Drawn {
  readonly name: string;
  /** Of the task definition that it becomes part of. */
  readonly task: string;
  /** Repository of its image, without the migration's name. */
  readonly image: string;
  /** Host ports that the world reaches. */
  readonly ports: readonly number[];
  /** Host ports that only other tasks reach. */
  readonly innerPorts: readonly number[];
  /** Names of the datasets that it mounts. */
  readonly datasets: readonly string[];
  readonly calls: readonly DrawnCall[];
  /** It does not run: a task definition without a service. */
  readonly idle: boolean;
}

interface DrawnCall {
  readonly callee: string;
  readonly reached: boolean;
}

/** The containers of a plan, by task, each with all that the picture needs to know of it. */
export function drawnContainers(document: PlanDocument): Drawn[] {
  const across = callsAcross(document);
  return definedBy(document).flatMap((workload) =>
    workload.containers.map((name, index): Drawn => {
      const definition = workload.taskDefinition.containerDefinitions?.[index];
      const hostPorts = [...new Set((definition?.portMappings ?? []).flatMap(({ hostPort }) => hostPort || []))];
      return {
        name,
        task: workload.name,
        image: shortImage(definition?.image ?? '', document.migration),
        ports: hostPorts.filter((port) => workload.ports.includes(port)),
        innerPorts: hostPorts.filter((port) => !workload.ports.includes(port)),
        datasets: document.datasets.filter(({ containers }) => containers.includes(name)).map((each) => each.name),
        calls: [...linksOf(definition, workload), ...(across.get(name) ?? [])],
        idle: document.idle.includes(workload),
      };
    }),
  );
}

/** Within a task a link leads by the definition's own names, which are in the order of the source's. */
function linksOf(definition: ContainerDefinition | undefined, { containers, taskDefinition }: Workload): DrawnCall[] {
  const names = taskDefinition.containerDefinitions?.map(({ name }) => name) ?? [];
  const linked = (definition?.links ?? []).map((link) => containers[names.indexOf(link.split(':')[0])] ?? '');
  return [...new Set(linked)].map((callee) => ({ callee, reached: true }));
}

const callCodes = ['call-across', 'call-unreachable'];

/** From task to task, findings say who calls whom: their subject is `caller/callee`. */
function callsAcross({ findings }: PlanDocument): Map<string, DrawnCall[]> {
  const calls = new Map<string, DrawnCall[]>();
  for (const { code, subject } of findings.filter((finding) => callCodes.includes(finding.code))) {
    const [caller = '', callee = ''] = subject.split('/');
    calls.set(caller, [...(calls.get(caller) ?? []), { callee, reached: code === 'call-across' }]);
  }
  return calls;
}

/** `123.dkr.ecr.eu-central-1.amazonaws.com/shop/mariadb:0123` → `mariadb` */
const shortImage = (reference: string, migration: string): string => {
  const repository = reference.replace(/^[^/]*\//, '').replace(/:[^:/]*$/, '');
  return repository.startsWith(`${migration}/`) ? repository.slice(migration.length + 1) : repository;
};
