import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/*
 * The command as a few files: of the AWS clients only what it calls, and only what a subcommand uses is loaded. Unbundled,
 * Node needs twice as long until the first question is asked.
 */
const out = 'dist';
/** It has optional binaries of its own: it stays a dependency of the package. */
const external = ['ssh2'];

/** Read at run time, beside the file that reads them. */
const programs = ['src/proof/manifest.py', 'src/rsync/thin.py'];

await rm(out, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['src/cli.ts'],
  outdir: out,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.17',
  format: 'esm',
  mainFields: ['module', 'main'],
  external,
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  metafile: true,
  logLevel: 'warning',
});
await chmod(join(out, 'cli.js'), 0o755);
for (const program of programs) await copyFile(program, join(out, basename(program)));
// For whoever reads plans with other tools.
await copyFile('src/report/plan.schema.json', join(out, 'plan.schema.json'));
await writeFile(join(out, 'LICENSES.txt'), await licences(Object.keys(metafile.inputs)));

/** The licence of every package whose code is in the bundle, as each of them asks. */
async function licences(inputs: readonly string[]): Promise<string> {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((each) => /^(licen[cs]e|copying)/i.test(each));
    const text =
      file === undefined ? 'The package comes without the text.' : await readFile(join(folder, file), 'utf8');
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
