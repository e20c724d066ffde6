import type { Container } from '../inventory.ts';
import type { Call } from './calls.ts';
import { groupedBy } from './grouped-by.ts';
import { startOrder, type Wait } from './wiring.ts';

/** ECS takes no more containers into one task (§2). */
export const mostContainers = 10;

/**
 * Parts of at most ten, each started after those it calls: of all ways to cut the start order, the one in which the fewest
 * containers are called from another part, since each of those needs a host port; then the one with the fewest parts.
 * `inseparable` are sets that stay whole, even one that is too large.
 */
export function splitTask(
  inseparable: readonly (readonly Container[])[],
  calls: readonly Call[],
  waits: readonly Wait[],
): Container[][] {
  const blocks = inStartOrder(inseparable, waits);
  if (sizeOf(blocks) <= mostContainers) return [blocks.flat()];
  const callers = groupedBy(calls, ({ callee }) => callee);
  const called = (part: readonly Container[]): number => {
    const inside = new Set(part);
    return part.filter((each) => callers.get(each)?.some(({ caller }) => !inside.has(caller))).length;
  };
  // best[end]: the best cut of the first `end` blocks.
  const best: Cut[] = [{ called: 0, parts: [] }];
  for (let end = 1; end <= blocks.length; end++) best.push(bestCut(blocks, end, best, called));
  return best.at(-1)?.parts.map((part) => part.flat()) ?? [];
}

type Block = readonly Container[];

interface Cut {
  readonly called: number;
  readonly parts: readonly (readonly Block[])[];
}

function bestCut(
  blocks: readonly Block[],
  end: number,
  best: readonly Cut[],
  called: (part: readonly Container[]) => number,
): Cut {
  const cuts: Cut[] = [];
  for (let start = end - 1; start >= 0; start--) {
    const part = blocks.slice(start, end);
    const before = best[start];
    if (before === undefined || (part.length > 1 && sizeOf(part) > mostContainers)) break;
    cuts.push({ called: before.called + called(part.flat()), parts: [...before.parts, part] });
  }
  return cuts.reduce((a, b) => (isBetter(b, a) ? b : a));
}

const isBetter = (a: Cut, b: Cut): boolean =>
  a.called < b.called || (a.called === b.called && a.parts.length < b.parts.length);

const sizeOf = (blocks: readonly Block[]): number => blocks.reduce((sum, block) => sum + block.length, 0);

function inStartOrder(blocks: readonly Block[], waits: readonly Wait[]): Block[] {
  const order = startOrder(blocks.flat(), waits);
  const first = (block: Block) => Math.min(...block.map((container) => order.indexOf(container)));
  return [...blocks].sort((a, b) => first(a) - first(b));
}
