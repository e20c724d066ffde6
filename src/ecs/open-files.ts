import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { recordOf, recordsOf } from './json.ts';

/**
 * §1.2 Ulimits: without a limit of its own a container has its engine's, which a definition cannot repeat, since no
 * inspect tells it. One finding for the whole host; `instance.setup` can set the instance's engine.
 */
export function openFiles(containers: readonly Container[]): Finding[] {
  const names = containers.filter((each) => !hasOwnLimit(each)).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      level: 'info',
      code: 'open-files',
      subject: 'instance',
      message: `These have no limit of open files of their own but their engine’s, on a droplet often 1048576, on the instance 32768 (65536 at most): ${names.join(', ')}.`,
      remedy:
        'Where one needs more: "--ulimit nofile=…" on the source, or under "instance.setup" a line that adds --default-ulimit nofile=1048576:1048576 to OPTIONS in /etc/sysconfig/docker.',
    },
  ];
}

const hasOwnLimit = ({ inspect }: Container): boolean =>
  recordsOf(recordOf(inspect.HostConfig).Ulimits).some(({ Name }) => Name === 'nofile');
