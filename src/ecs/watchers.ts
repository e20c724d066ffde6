import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';

/** Images whose one purpose is to start, restart or replace the containers of others. */
const watching =
  /(^|\/)(containrrr\/watchtower|v2tec\/watchtower|nickfedor\/watchtower|beatkind\/watchtower|watchtower|pyouroboros\/ouroboros|willfarrell\/autoheal|autoheal|qmcgaw\/deunhealth|deunhealth)([:@]|$)/;

/** Whether it starts or replaces other containers by itself. One that only tells of new images, like Diun, does not. */
export const isWatcher = ({ imageName }: Pick<Container, 'imageName'>): boolean => watching.test(imageName);

/** A watcher is never moved: it would replace containers behind ECS's back. */
export const watcherFinding = ({ name, imageName }: Container): Finding => ({
  level: 'warning',
  code: 'watcher',
  subject: name,
  message: `It (${imageName}) starts or replaces other containers, so it is not moved: on the instance that is for ECS alone. Cut-over stops it before all others, so that it starts none of them beside the target; it stays stopped, and rollback starts it again.`,
  remedy: `ECS restarts what ends or is unhealthy by itself; a new version of an image is a new task definition. If it is to watch what stays on the source, start it there after finish: docker update --restart unless-stopped ${name} && docker start ${name}`,
});
