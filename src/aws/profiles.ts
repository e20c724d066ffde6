import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Profile {
  readonly name: string;
  readonly region: string | undefined;
}

/** The profiles of AWS's own two files on this machine; a file that cannot be read has none. */
export async function readProfiles(environment: NodeJS.ProcessEnv = process.env): Promise<readonly Profile[]> {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = environment;
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  const folder = join(homedir(), '.aws');
  return profilesIn(
    await read(AWS_CONFIG_FILE ?? join(folder, 'config')),
    await read(AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials')),
  );
}

/** In the config file a profile is `[profile NAME]` or `[default]`, and in the credentials file any section. */
export function profilesIn(config: string, credentials: string): readonly Profile[] {
  const regions = new Map<string, string | undefined>();
  for (const [section, region] of sectionsOf(config)) {
    const name = section === 'default' ? section : /^profile\s+"?([^"]+)"?$/.exec(section)?.[1];
    if (name !== undefined) regions.set(name, region);
  }
  for (const [name, region] of sectionsOf(credentials)) regions.set(name, regions.get(name) ?? region);
  return [...regions].map(([name, region]) => ({ name, region }));
}

/** Each section with the region it names. A setting beneath another, indented, is no setting of the section. */
function sectionsOf(text: string): [string, string | undefined][] {
  const sections: [string, string | undefined][] = [];
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    const region = /^region\s*=\s*(\S+)/.exec(line)?.[1];
    const last = sections.at(-1);
    if (section !== undefined) sections.push([section, undefined]);
    else if (region !== undefined && last !== undefined) last[1] = region;
  }
  return sections;
}
