import type { Inventory } from '../inventory.ts';
import { planAll } from '../pipeline.ts';
import { aligned } from '../report/aligned.ts';
import { bytes } from '../report/units.ts';
import type { Outputs, Step } from '../step.ts';
import type { Options } from './options.ts';
import { print } from './output.ts';
import { withSession } from './plan.ts';
import { openFolder } from './session.ts';

/** What the source runs. `steps` are those up to the inventory. */
export async function inventoryCommand(options: Options, steps: readonly Step[]): Promise<void> {
  const { config, state } = await openFolder(options);
  const plans = await withSession(options, config, state, ({ connections }) => planAll(steps, connections));
  const { sourceFacts, inventory } = Object.assign({}, ...plans.map(({ plan }) => plan.outputs)) as Outputs;
  print(options, { host: sourceFacts, ...inventory }, () =>
    [
      `${sourceFacts.hostname}: ${sourceFacts.os}, Docker ${sourceFacts.dockerVersion}, ${sourceFacts.cpus} CPUs, ${bytes(sourceFacts.memoryBytes)} of memory`,
      ...table(inventory),
    ].join('\n'),
  );
}

function table({ containers, data }: Inventory): string[] {
  const rows = containers.map(({ name, imageName, running, usage, inspect }) => [
    name,
    imageName,
    running ? 'running' : 'stopped',
    usage === undefined ? '' : bytes(usage.memoryBytes),
    inspect.Mounts.map(({ Destination }) => Destination).join(' '),
  ]);
  const paths = data.map(({ path, bytes: size, files }) => [path, bytes(size), `${files} entries`]);
  return [
    '',
    ...aligned([['CONTAINER', 'IMAGE', 'STATE', 'MEMORY', 'MOUNTS'], ...rows]),
    '',
    ...aligned([['DATA', 'SIZE', ''], ...paths]),
  ];
}
