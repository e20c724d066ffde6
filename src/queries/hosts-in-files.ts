import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** One host name or address of the old surroundings that stands in a file. */
export interface HostInFile {
  readonly file: string;
  readonly host: string;
}

const pattern =
  '([A-Za-z0-9-]+[.])+(db[.]ondigitalocean|digitaloceanspaces)[.]com|registry[.]digitalocean[.]com|172[.](1[6-9]|2[0-9]|3[01])[.][0-9]{1,3}[.][0-9]{1,3}';

/**
 * DigitalOcean's hosts, and addresses of Docker's private range, in text files under these paths: of each path the first
 * 500 files of at most 256 KiB. A file whose name holds a tab or newline is not told from its neighbours.
 */
export const hostsInFiles = (paths: readonly string[]): Query =>
  query(sh`for path in ${paths}; do
  if [ -e "$path" ]; then find -H "$path" -type f -size -257k -print0 2>/dev/null | head -z -n 500; fi
done | LC_ALL=C xargs -0 -r grep -sIoHZE -e ${pattern} -- | tr '\000' '\t' | sort -u | head -n 1000
exit 0
`);

export const parseHostsInFiles = (text: string): HostInFile[] =>
  text.split('\n').flatMap((line) => {
    const [file, host] = line.split('\t');
    return file && host ? [{ file, host }] : [];
  });
