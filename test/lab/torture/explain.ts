import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { AccountingRow } from '../../../src/finding.ts';
import { everywhere } from './everywhere.ts';
import type { Settings } from './normalise.ts';

/** One path at which a container differs, by what stands there; undefined where nothing does. */
export interface Difference {
  readonly path: string;
  readonly source: string | undefined;
  readonly target: string | undefined;
}

export interface Pair {
  readonly container: string;
  readonly source: Settings;
  readonly target: Settings;
  /** As ECS has it registered. */
  readonly definition: ContainerDefinition;
  /** The accounting of this container. */
  readonly rows: readonly AccountingRow[];
  /** Names by which it reached others on the source. */
  readonly names: readonly string[];
}

export type Explained = Difference & { readonly why: string };
export type Unexplained = Difference & { readonly container: string; readonly claim: string };

function differences({ source, target }: Pick<Pair, 'source' | 'target'>): Difference[] {
  const paths = [...new Set([...source.keys(), ...target.keys()])].sort();
  return paths
    .map((path) => ({ path, source: source.get(path), target: target.get(path) }))
    .filter((difference) => difference.source !== difference.target);
}

/** Every difference, with what explains it; what nothing does is a setting lost in silence, or an accounting that lies. */
export function explain(pair: Pair): { explained: Explained[]; unexplained: Unexplained[] } {
  const explained: Explained[] = [];
  const unexplained: Unexplained[] = [];
  for (const difference of differences(pair)) {
    const row = nearestRow(difference.path, pair.rows);
    const rule = everywhere.find(({ path, holds }) => path.test(difference.path) && holds(difference, pair));
    if (rule !== undefined) explained.push({ ...difference, why: rule.why });
    else if (row !== undefined && row.outcome !== 'mapped')
      explained.push({ ...difference, why: `${row.outcome}: ${row.setting}` });
    else
      unexplained.push({
        ...difference,
        container: pair.container,
        claim: row ? `accounting says mapped: ${row.setting}` : 'no word of it in accounting',
      });
  }
  return { explained, unexplained };
}

/** The row that speaks of this path most closely. */
function nearestRow(path: string, rows: readonly AccountingRow[]): AccountingRow | undefined {
  const speaking = rows.filter(({ setting }) => spellings(path).some((each) => speaksOf(setting, each)));
  return speaking.sort((a, b) => b.setting.length - a.setting.length)[0];
}

/** Whether a row of this setting speaks of the path. */
export const speaksOf = (setting: string, path: string): boolean =>
  path === setting ||
  path.startsWith(`${setting}.`) ||
  (setting.endsWith('.*') && path.startsWith(setting.slice(0, -1)));

/** Other paths of inspect at which the same thing may stand. */
function spellings(path: string): readonly string[] {
  const others: readonly (readonly [RegExp, readonly string[]])[] = [
    [/^Config\.Process$/, ['Config.Entrypoint', 'Config.Cmd']],
    [/^HostConfig\.Tmpfs\./, [path.replace('Tmpfs', 'Mounts')]],
    [/^HostConfig\.PortBindings\./, [path.replace('PortBindings', 'PublishAllPorts')]],
  ];
  return [path, ...others.flatMap(([pattern, paths]) => (pattern.test(path) ? paths : []))];
}
