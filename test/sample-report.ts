import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSample, sampleFiles } from './sample/files.ts';

/*
 * What ecsodus writes for a droplet, without one: from a recorded inventory, planned by the steps themselves.
 * usage: npm run sample-report -- DIR
 */
const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('Name a folder: npm run sample-report -- DIR\n');
  process.exit(1);
}
await mkdir(directory, { recursive: true });
for (const [name, text] of Object.entries(sampleFiles(await makeSample()))) {
  await writeFile(join(directory, name), text);
  process.stdout.write(`${join(directory, name)}\n`);
}
