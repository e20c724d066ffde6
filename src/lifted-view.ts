import type { Dataset } from './design.ts';
import { layersOf } from './ecs/lifted.ts';
import { MigrationError } from './errors.ts';
import type { HostReader, HostWriter } from './host.ts';
import { liftedRoot } from './names.ts';
import { mountsBelow, parseMounts } from './queries/layer.ts';
import { sh } from './shell.ts';
import type { Change } from './step.ts';

export const viewPath = (migration: string, container: string): string => `${liftedRoot(migration)}/${container}`;

/**
 * Mounts a container's layers, topmost first, read-only on top of one another: what the container itself sees, whether it
 * runs or not. Always anew, since overlay does not promise to show what is written to a layer after it was mounted.
 * Who still reads the view before goes on with that one. The layers go by short names: the kernel takes one page of options.
 */
function mountViewScript(migration: string, container: string, layers: readonly string[]): string {
  const view = viewPath(migration, container);
  const names = `${liftedRoot(migration)}/.${container}`;
  return sh`set -eu
umask 077
while mountpoint -q ${view}; do umount -l ${view}; done
rm -rf ${names}
mkdir -p ${view} ${names}
cd ${names}
lower=
for layer in ${layers}; do
  test -d "$layer"
  name=$(ls | wc -l)
  ln -s "$layer" "$name"
  lower=$lower\${lower:+:}$name
done
[ ! -e /sys/module/overlay/parameters/index ] || lower=$lower,index=off
LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "ro,nosuid,nodev,noexec,lowerdir=$lower" ecsodus ${view}
cd /`;
}

/** The script that brings a dataset's source up to date, to be run before each reading; none where it is a plain path. */
export async function refreshScript(
  source: HostReader,
  migration: string,
  { liftedFrom }: Pick<Dataset, 'liftedFrom'>,
): Promise<string> {
  if (liftedFrom === undefined) return '';
  const layers = layersOf((await source.docker.inspectContainer(liftedFrom)) ?? {});
  if (layers.length === 0) throw noLayers(liftedFrom);
  return mountViewScript(migration, liftedFrom, layers);
}

/** Makes a dataset's source show what the container has written up to now. */
export async function refreshView(
  source: HostWriter,
  migration: string,
  dataset: Pick<Dataset, 'liftedFrom'>,
): Promise<void> {
  const script = await refreshScript(source, migration, dataset);
  if (script !== '') await source.run(script);
}

/** Containers whose view is mounted on the source. */
export async function mountedViews(source: HostReader, migration: string): Promise<string[]> {
  const root = liftedRoot(migration);
  return [...new Set(parseMounts(await source.read(mountsBelow(root))))].map((path) => path.slice(root.length + 1));
}

export interface RemoveView extends Change {
  readonly kind: 'view';
  readonly container: string;
}

/** To be made before anything removes the directory that the views are in. */
export async function viewsToRemove(source: HostReader, migration: string, reason: string): Promise<RemoveView[]> {
  return (await mountedViews(source, migration)).map((container) => ({
    id: `unlift:${container}`,
    kind: 'view',
    verb: 'delete',
    target: `${viewPath(migration, container)} on the source`,
    reason,
    container,
  }));
}

/** Removes the view and its directory, never what is seen through it. */
export const removeViewScript = (migration: string, container: string): string => {
  const view = viewPath(migration, container);
  return sh`set -eu
while mountpoint -q ${view}; do umount -l ${view}; done
rm -rf ${`${liftedRoot(migration)}/.${container}`}
[ ! -e ${view} ] || rmdir ${view}`;
};

const noLayers = (container: string): MigrationError =>
  new MigrationError('no-layers', `The layers of ${container} are not on the source any more.`, {
    hint: `Look for it: docker ps -a. Was it removed? Then take it out of "outsideVolumes" in ecsodus.yaml.`,
  });
