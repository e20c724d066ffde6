import { definedBy } from '../src/design.ts';
import { designMigration } from '../src/ecs/design-migration.ts';
import { keepRegisteredMemory } from '../src/ecs/registered-memory.ts';
import type { Container } from '../src/inventory.ts';
import { readFamilies } from '../src/read-families.ts';
import { readInventory } from '../src/read-inventory.ts';
import type { RememberedUsage } from '../src/read-usage.ts';
import type { StateReader } from '../src/state.ts';
import { asStep } from '../src/step.ts';

/** Reads what the source runs, and what that becomes on ECS. Changes nothing on either side. */
export const inventory = asStep({
  id: 'inventory',
  title: 'Take the inventory of the source',
  needs: ['connect'],

  plan: async ({ source, config, identity, state, aws }) => {
    const found = await readInventory(source, config, await rememberedUsage(state));
    const wanted = designMigration(found, { ...config, ...identity });
    const design = keepRegisteredMemory(wanted, await readFamilies(wanted, aws));
    return { changes: [], outputs: { inventory: found, design }, findings: design.findings };
  },

  apply: async () => {},

  verify: async ({ inventory: { containers }, design }) => [
    {
      name: 'containers',
      status: 'ok',
      reason: `${containers.length} found, ${definedBy(design).flatMap((workload) => workload.containers).length} to move`,
    },
  ],
});

/** What an earlier plan sampled, from the state folder's inventory.json. */
async function rememberedUsage(state: StateReader): Promise<RememberedUsage> {
  const text = await state.read('inventory.json');
  if (text === undefined) return {};
  const { containers } = JSON.parse(text) as { containers: readonly Pick<Container, 'id' | 'usage'>[] };
  return Object.fromEntries(containers.flatMap(({ id, usage }) => (usage === undefined ? [] : [[id, usage]])));
}
