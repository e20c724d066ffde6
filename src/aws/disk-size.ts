import type { Dataset, WantedImage } from '../design.ts';

const gib = 1024 ** 3;

/** ext4 makes one inode for 16 KiB of disk (mke2fs.conf), and so has room for this many files in a GiB. */
const filesPerGib = gib / 16_384;

/** What the AMI's root volume has, and about what the system itself takes of it. */
export const amiRootGib = 30;
const systemGib = 10;

type Sized = readonly Pick<Dataset, 'bytes' | 'files'>[];

const bytesOf = (sized: readonly { readonly bytes: number }[]): number =>
  sized.reduce((sum, { bytes }) => sum + bytes, 0);
const filesOf = (datasets: Sized): number => datasets.reduce((sum, { files }) => sum + files, 0);

/** Twice the data, at least 8 GiB; more where very many small files need inodes. */
export const wantedDiskGib = (datasets: Sized): number =>
  Math.max(8, Math.ceil((2 * bytesOf(datasets)) / gib), Math.ceil((1.5 * filesOf(datasets)) / filesPerGib));

/** Below this the data does not fit: what the file system takes for itself, and a little to live on. */
export const neededDiskGib = (datasets: Sized): number =>
  Math.max(1 + Math.ceil((1.15 * bytesOf(datasets)) / gib), Math.ceil((1.25 * filesOf(datasets)) / filesPerGib));

/**
 * Size of the root volume, which holds the images, twice while one is replaced, and the swap file; undefined where the
 * AMI's own will do.
 */
export function wantedRootGib(images: readonly Pick<WantedImage, 'bytes'>[], swapMib = 0): number | undefined {
  const wanted = systemGib + Math.ceil((2 * bytesOf(images)) / gib) + Math.ceil(swapMib / 1024);
  return wanted > amiRootGib ? wanted : undefined;
}
