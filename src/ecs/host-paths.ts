/** Paths that belong to the machine: bound as they are, never copied (§1.5). */
const trees = [
  '/proc',
  '/sys',
  '/dev',
  '/lib/modules',
  '/usr/lib/modules',
  '/var/lib/docker',
  '/run/docker.sock',
  '/var/run/docker.sock',
];
const exactly = ['/', '/run', '/var/run'];

export const isHostPath = (path: string): boolean =>
  exactly.includes(path) || trees.some((tree) => isInside(path, tree));

export const isInside = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
