import { clientView } from '../lab/client-view.ts';
import type { Lab } from '../lab/lab.ts';

/** How many there are of whatever a migration makes, from moto's own books. */
export async function resources(lab: Lab): Promise<string[]> {
  const answer = await fetch(`${clientView(lab).aws.endpoint}/moto-api/data.json`);
  const books = (await answer.json()) as Record<string, Record<string, unknown[]>>;
  const kinds = /^(Instance|Volume|SecurityGroup|KeyPair|Cluster|TaskDefinition|Repository|Role|InstanceProfile)$/;
  return Object.entries(books).flatMap(([service, models]) =>
    Object.entries(models)
      .filter(([model]) => kinds.test(model))
      .map(([model, items]) => `${service} ${model} ${items.length}`),
  );
}
