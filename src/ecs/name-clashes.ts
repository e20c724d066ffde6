import type { Workload } from '../design.ts';
import type { Finding } from '../finding.ts';
import { groupedBy } from './grouped-by.ts';

/** §2: `web.1` and `web_1` are two names to Docker and one to ECS. Each got a name of its own; the operator reads which. */
export function nameClashes(workloads: readonly Workload[]): Finding[] {
  const all = workloads.flatMap(({ name, containers, taskDefinition }) =>
    containers.map((container, index) => ({
      container,
      shown: `${container} is ${taskDefinition.containerDefinitions?.[index]?.name} in ${name}`,
    })),
  );
  return [...groupedBy(all, ({ container }) => cleanest(container))].flatMap(([subject, alike]) =>
    alike.length < 2
      ? []
      : [
          nameClash(
            subject,
            alike.map(({ shown }) => shown),
          ),
        ],
  );
}

const nameClash = (subject: string, alike: readonly string[]): Finding => ({
  level: 'info',
  code: 'name-clash',
  subject,
  message: `Docker tells these names apart, ECS hardly: ${alike.join(', ')}.`,
  remedy: 'To choose the names yourself, rename the containers on the source (docker rename).',
});

const cleanest = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
