import type { Tmpfs } from '@aws-sdk/client-ecs';
import { type Json, numberOf, recordOf, textOf } from './json.ts';
import { approximated, mapped, type Rule, type Verdict, warning } from './verdict.ts';

const mib = 1024 ** 2;

/** §1.5 tmpfs: ECS wants a size of at least 1 MiB, and counts it as memory of the task. */
export const tmpfs: Rule = (value) =>
  Object.entries(recordOf(value)).map(([path, options]) => {
    const parts = textOf(options)
      .split(',')
      .filter((part) => part !== '');
    const size = parts.find((part) => part.startsWith('size='))?.slice('size='.length);
    const mountOptions = parts.filter((part) => !part.startsWith('size='));
    return entry(path, size === undefined ? undefined : bytesOf(size), mountOptions, textOf(options));
  });

/** `--mount type=tmpfs`; its mode is a decimal number (§0). */
export function sizedTmpfs(path: string, options: Json): Verdict {
  const mode = numberOf(options.Mode);
  const bytes = numberOf(options.SizeBytes) || undefined;
  return entry(path, bytes, mode === 0 ? [] : [`mode=${mode.toString(8)}`], options);
}

function entry(containerPath: string, bytes: number | undefined, mountOptions: string[], value: unknown): Verdict {
  const size = Math.max(1, Math.ceil((bytes ?? 64 * mib) / mib));
  const tmpfs: Tmpfs = { containerPath, size, ...(mountOptions.length > 0 && { mountOptions }) };
  const extra = { at: containerPath, value };
  if (bytes !== undefined) return mapped({ linuxParameters: { tmpfs: [tmpfs] } }, extra);
  const message = `Its tmpfs at ${containerPath} has no size; ECS needs one, and gets ${size} MiB.`;
  const finding = warning('tmpfs-size', message, 'Give it the size it needs on the source ("size=…").');
  return approximated({ linuxParameters: { tmpfs: [tmpfs] } }, 'it had no limit but half of the memory', {
    ...extra,
    finding,
  });
}

/** `64m`, `1g`, `65536`; a percentage (of the host's memory) gives undefined. */
function bytesOf(size: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)b?$/i.exec(size) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ');
}
