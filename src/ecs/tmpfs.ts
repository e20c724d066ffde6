import type { Tmpfs } from '@aws-sdk/client-ecs';
import { type Json, listOf, numberOf, recordOf, textOf, textsOf } from './json.ts';
import { approximated, mapped, type Rule, type Verdict, warning } from './verdict.ts';

const mib = 1024 ** 2;

/** §1.5 tmpfs: ECS wants a size of at least 1 MiB, and counts it as memory of the task. */
export const tmpfs: Rule = (value) =>
  Object.entries(recordOf(value)).map(([path, options]) => {
    const parts = textOf(options)
      .split(',')
      .filter((part) => part !== '');
    const size = parts.filter((part) => part.startsWith('size=')).at(-1);
    const mountOptions = parts.filter((part) => !part.startsWith('size='));
    return entry(
      path,
      size === undefined ? undefined : bytesOf(size.slice('size='.length)),
      mountOptions,
      textOf(options),
    );
  });

/** `--mount type=tmpfs`; its mode is a decimal number (§0), its options pairs (`[["uid","1000"],["noexec"]]`). */
export function sizedTmpfs(path: string, options: Json, isReadOnly: boolean): Verdict {
  const mode = numberOf(options.Mode);
  const bytes = numberOf(options.SizeBytes) || undefined;
  const pairs = listOf(options.Options).map((pair) => textsOf(pair).join('='));
  const switches = [...(isReadOnly ? ['ro'] : []), ...(mode === 0 ? [] : [`mode=${mode.toString(8)}`])];
  return entry(path, bytes, [...switches, ...pairs], options);
}

/** What the SDK's Tmpfs.mountOptions takes. */
const taken = new Set(
  `defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime
   nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime
   strictatime nostrictatime mode uid gid nr_inodes nr_blocks mpol`.split(/\s+/),
);

export const isTmpfsOption = (option: string): boolean => taken.has(option.split('=')[0] ?? '');

function entry(containerPath: string, bytes: number | undefined, options: readonly string[], value: unknown): Verdict {
  const size = Math.max(1, Math.ceil((bytes ?? 64 * mib) / mib));
  const mountOptions = options.filter(isTmpfsOption);
  const refused = options.filter((option) => !isTmpfsOption(option));
  const wanted: Tmpfs = { containerPath, size, ...(mountOptions.length > 0 && { mountOptions }) };
  const piece = { linuxParameters: { tmpfs: [wanted] } };
  const extra = { at: containerPath, value };
  const changes = [
    ...(bytes === undefined ? [`${size} MiB: it had no limit in bytes`] : []),
    ...(refused.length > 0 ? [`without ${refused.join(', ')}, which ECS does not take`] : []),
  ];
  if (changes.length === 0) return mapped(piece, extra);
  return approximated(
    piece,
    changes.join('; '),
    bytes === undefined ? { ...extra, finding: unsized(containerPath, size) } : extra,
  );
}

const unsized = (path: string, size: number) =>
  warning(
    'tmpfs-size',
    `Its tmpfs at ${path} has no size; ECS needs one, and gets ${size} MiB.`,
    'Give it the size it needs on the source ("size=…").',
  );

/** `64m`, `1g`, `65536`; a percentage (of the host's memory) or 0 (no limit) gives undefined. */
function bytesOf(size: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmgt]?)b?$/i.exec(size) ?? [];
  if (digits === undefined || Number(digits) === 0) return undefined;
  return Number(digits) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' ');
}
