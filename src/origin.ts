import type { HostReader } from './host.ts';
import type { Inventory } from './inventory.ts';
import { sourceRoot } from './names.ts';
import { sh } from './shell.ts';
import { readText } from './text-file.ts';

export interface Original {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  readonly restartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
}

/** How the source stood before cut-over touched it; kept on the source, so that it can always be put back. */
export interface Origin {
  /** In the order they are to be started again. */
  readonly containers: readonly Original[];
  /** Published TCP ports at which nobody listened: nobody is waited for at them on the target. */
  readonly silentPorts: readonly number[];
}

const originFile = (migration: string): string => `${sourceRoot(migration)}/origin.json`;

/** Undefined where there is no record: nothing has been touched. */
export async function readOrigin(source: HostReader, migration: string): Promise<Origin | undefined> {
  const text = await readText(source, originFile(migration));
  return text.trim() === '' ? undefined : (JSON.parse(text) as Origin);
}

/** The containers that cut-over touches, as they are to be put back, in the order they are to be started again. */
export function originalsOf({ containers }: Inventory, startOrder: readonly string[]): Original[] {
  return startOrder
    .flatMap((name) => containers.find((container) => container.name === name) ?? [])
    .map(({ id, name, running, inspect }) => ({
      id,
      name,
      running,
      restartPolicy: policyOf(inspect.HostConfig.RestartPolicy),
    }));
}

function policyOf(policy: unknown): Original['restartPolicy'] {
  const { Name, MaximumRetryCount } = (policy ?? {}) as { Name?: string; MaximumRetryCount?: number };
  return { Name: Name || 'no', MaximumRetryCount: MaximumRetryCount ?? 0 };
}

/** Keeps the record given on standard input; an earlier one is never replaced, since it is the true original. */
export const writeOriginScript = (migration: string): string => sh`set -eu
umask 077
mkdir -p ${sourceRoot(migration)}
test ! -e ${originFile(migration)} || exit 0
cat > ${`${originFile(migration)}.new`}
sync ${`${originFile(migration)}.new`}
mv ${`${originFile(migration)}.new`} ${originFile(migration)}`;

export const removeOriginScript = (migration: string): string => sh`rm -f ${originFile(migration)}`;
