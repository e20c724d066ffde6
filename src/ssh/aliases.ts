import { homedir } from 'node:os';
import { join } from 'node:path';
import { readWithIncludes } from './include.ts';

/** The hosts that an ssh_config file names, to choose from; none where there is no ~/.ssh/config. */
export const readAliases = async (file?: string): Promise<readonly string[]> =>
  aliasesIn(await readWithIncludes(file ?? join(homedir(), '.ssh', 'config'), file !== undefined));

/** What stands after `Host`, patterns aside, in the order of the file. */
export function aliasesIn(text: string): readonly string[] {
  const lines = [...text.matchAll(/^[ \t]*host(?:[ \t]+|[ \t]*=[ \t]*)(.+)$/gim)];
  const names = lines.flatMap(([, patterns = '']) => patterns.replace(/[ \t]#.*$/, '').match(/"[^"]*"|\S+/g) ?? []);
  return [...new Set(names.map((each) => each.replaceAll('"', '')))].filter((each) => !/[*?!]/.test(each));
}
