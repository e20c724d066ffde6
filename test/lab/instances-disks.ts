import { mkdir, open, readFile, readlink, rm, symlink, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from './command.ts';
import { exists } from './debian.ts';
import type { Disk } from './moto-state.ts';

/** Where a lab's volumes and snapshots are files. */
export const volumesDir = (labDir: string): string => join(labDir, 'volumes');

/** More than any lab's volumes hold: sparse, as they are. */
const storeGib = 256;

/** A file system that copies a file of any size at once, by reflink: a snapshot is of one moment, and delays nobody. */
export async function makeVolumesDir(labDir: string): Promise<void> {
  const [image, directory] = [join(labDir, 'volumes.img'), volumesDir(labDir)];
  await (await open(image, 'w')).close();
  await truncate(image, storeGib * 2 ** 30);
  await run(['mkfs.xfs', '-q', '-m', 'reflink=1', image]);
  await mkdir(directory);
  const device = (await run(['losetup', '--find', '--show', '--direct-io=on', image])).trim();
  await run(['mount', device, directory]);
  // Goes with the mount.
  await run(['losetup', '--detach', device]);
}

/** EBS volumes and snapshots as sparse files of a lab, shown to hosts through loop devices. */
export class Disks {
  readonly #dir: string;
  readonly #known = new Set<string>();

  constructor(labDir: string) {
    this.#dir = volumesDir(labDir);
  }

  /** A snapshot holds what was written to the device when it was taken: as after a power cut, not a tidy file system. */
  async takeSnapshot(id: string, volumeId: string): Promise<void> {
    const file = this.#file(id);
    if ((await exists(file)) || !(await exists(this.#file(volumeId)))) return;
    await run(['cp', '--reflink=always', this.#file(volumeId), file]);
  }

  /** The volume's file, made on first use and grown when the volume was; the loop device on it. */
  async attach({ id, sizeGib, snapshotId }: Disk): Promise<string> {
    const file = this.#file(id);
    if (!(await exists(file))) {
      if (snapshotId && (await exists(this.#file(snapshotId)))) {
        await run(['cp', '--reflink=always', this.#file(snapshotId), file]);
      } else {
        await (await open(file, 'w')).close();
      }
      await truncate(file, sizeGib * 2 ** 30);
    }
    return (await this.#loop(id)) ?? (await run(['losetup', '--find', '--show', file])).trim();
  }

  async grow({ id, sizeGib }: Disk): Promise<void> {
    const device = await this.#loop(id);
    await truncate(this.#file(id), sizeGib * 2 ** 30);
    if (device) await run(['losetup', '--set-capacity', device]);
  }

  async detach(id: string): Promise<void> {
    const device = await this.#loop(id);
    if (device) await run(['losetup', '--detach', device]);
  }

  /** A volume that AWS knows no more loses its file, once no host holds it. */
  async forget(present: readonly string[], held: readonly string[]): Promise<void> {
    for (const id of this.#known) {
      if (present.includes(id) || held.includes(id)) continue;
      await this.detach(id);
      await rm(this.#file(id), { force: true });
      this.#known.delete(id);
    }
    for (const id of present) this.#known.add(id);
  }

  async #loop(id: string): Promise<string | undefined> {
    const found = await run(['losetup', '--noheadings', '--output', 'NAME', '--associated', this.#file(id)]);
    return found.trim().split('\n')[0] || undefined;
  }

  #file(id: string): string {
    return join(this.#dir, id);
  }
}

/** Puts a device into a host's /dev as udev would on EC2: nvmeXn1, its by-id name, and the machine's own name for it. */
export async function plugInto(root: string, device: string, volumeId: string): Promise<void> {
  const dev = join(root, 'dev');
  // A supervisor that was started again finds the device where it was.
  if (await nodeOf(dev, volumeId)) return;
  const number = Number(/\d+$/.exec(device)?.[0]);
  const node = await freeName(dev);
  await run(['mknod', '-m', '660', join(dev, node), 'b', '7', String(number)]);
  // libblkid looks for file systems under the names in /proc/partitions.
  await run(['mknod', '-m', '660', join(dev, `loop${number}`), 'b', '7', String(number)]);
  await mkdir(join(dev, 'disk/by-id'), { recursive: true });
  await symlink(`../../${node}`, join(dev, byId(volumeId)));
}

/** Removes the device and every name that points at it. */
export async function unplugFrom(root: string, device: string, volumeId: string): Promise<void> {
  const dev = join(root, 'dev');
  const node = await nodeOf(dev, volumeId);
  if (!node) return;
  await run(['find', join(dev, 'disk'), '-lname', `../../${node}`, '-delete']);
  for (const name of [node, basename(device)]) await rm(join(dev, name), { force: true });
}

/** True while the host has the device mounted somewhere. */
export async function isMounted(hostPid: number, device: string): Promise<boolean> {
  const number = /\d+$/.exec(device)?.[0];
  const mounts = await readFile(`/proc/${hostPid}/mountinfo`, 'utf8').catch(() => '');
  return mounts.split('\n').some((line) => line.split(' ')[2] === `7:${number}`);
}

/** Keeps /dev/disk/by-uuid and by-label as udev does once a file system was made. */
export async function nameFileSystem(root: string, device: string, volumeId: string): Promise<void> {
  const found = await readSignature(device);
  if (!found) return;
  const dev = join(root, 'dev');
  const node = await nodeOf(dev, volumeId);
  for (const [kind, name] of [
    ['by-uuid', found.uuid],
    ['by-label', found.label],
  ] as const) {
    const path = join(dev, 'disk', kind, name);
    if (!node || !name || (await exists(path))) continue;
    await mkdir(join(dev, 'disk', kind), { recursive: true });
    await symlink(`../../${node}`, path);
  }
}

/** UUID and label of an ext or XFS file system, from its superblock; read through the device, so never stale. */
async function readSignature(device: string): Promise<{ uuid: string; label: string } | undefined> {
  const file = await open(device);
  try {
    const { buffer } = await file.read(Buffer.alloc(2048), 0, 2048, 0);
    if (buffer.readUInt16LE(1024 + 56) === 0xef53) return signature(buffer, 1024 + 104, 1024 + 120, 16);
    if (buffer.toString('latin1', 0, 4) === 'XFSB') return signature(buffer, 32, 108, 12);
    return undefined;
  } finally {
    await file.close();
  }
}

function signature(
  block: Buffer,
  uuidAt: number,
  labelAt: number,
  labelBytes: number,
): { uuid: string; label: string } {
  const hex = block.toString('hex', uuidAt, uuidAt + 16);
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { uuid, label: block.toString('utf8', labelAt, labelAt + labelBytes).replace(/\0.*$/s, '') };
}

async function nodeOf(dev: string, volumeId: string): Promise<string | undefined> {
  const target = await readlink(join(dev, byId(volumeId))).catch(() => undefined);
  return target && basename(target);
}

async function freeName(dev: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = `nvme${number}n1`;
    if (!(await exists(join(dev, name)))) return name;
  }
}

const byId = (volumeId: string): string => `disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}`;
