import type { Operator } from '../lab/operator.ts';
import { onDroplet, source } from './data-droplet.ts';
import { follow, giveBack } from './data-operator.ts';

const makeFiles = `
import os
for folder in range(1000):
    path = '${source}/million/%03d' % folder
    os.makedirs(path)
    for number in range(1000):
        os.close(os.open('%s/file-%04d' % (path, number), os.O_CREAT | os.O_WRONLY, 0o644))
`;

/** The most memory, in MiB, that the operator's process has while it moves a million files. */
export async function moveAMillion(operator: Operator): Promise<number> {
  await onDroplet('python3 -', makeFiles);
  const { mib } = await follow(operator, ['run', '--yes', '--json']);
  await giveBack(operator);
  return mib;
}
