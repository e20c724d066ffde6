/** Where the migration stands when AWS is looked at. */
export type Moment = 'cut over' | 'rolled back' | 'finished';

const name = 'ecsodus-blog';
const repositories = ['mariadb', 'redis', 'blog', 'static', 'nginx'];

/** All that the migration of the lab's stack has in AWS, as `seeAws` shows it; `prefix` is of the lab's addresses. */
export const wantedAws = (moment: Moment, prefix: string, freezes: number): string[] => [
  `cluster ${name}`,
  'container instance',
  'definition web:1',
  `group ${name}`,
  `instance ${name} running`,
  `instance profile ${name}-instance of ${name}-instance`,
  `key pair ${name}`,
  'parameter /ecsodus-operator/blog/target-key version 1',
  ...['DB_PASSWORD', 'MARIADB_PASSWORD', 'MARIADB_ROOT_PASSWORD'].map(
    (variable) => `parameter /ecsodus/blog/web/${variable} version 1`,
  ),
  `policy of ${name}-execution: AmazonECSTaskExecutionRolePolicy`,
  `policy of ${name}-execution: ecsodus-secrets`,
  `policy of ${name}-instance: AmazonEC2ContainerServiceforEC2Role`,
  ...repositories.map((repository) => `repository blog/${repository}`),
  `role ${name}-execution`,
  `role ${name}-instance`,
  `rule ${name} 22 from ${prefix}.1/32`,
  ...(moment === 'finished' ? [] : [`rule ${name} 22 from ${prefix}.10/32`, `rule ${name} 80 from ${prefix}.10/32`]),
  ...(moment === 'rolled back' ? [] : [`rule ${name} 80 from 0.0.0.0/0`, 'running task']),
  `service web wants ${moment === 'rolled back' ? 0 : 1} of web:1`,
  // Of each freeze what was handed over; `finish` keeps the newest.
  ...Array.from({ length: moment === 'finished' ? 1 : freezes }, () => 'snapshot ebs-snapshot'),
  `volume ${name}-data in-use`,
  `volume ${name}-root in-use`,
];

/** What is there and should not be, and what should and is not; each as often as it is one too many or too few. */
export function compareAws(wanted: readonly string[], seen: readonly string[]) {
  return { strays: without(seen, wanted), missing: without(wanted, seen) };
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
