import { dataRoot } from '../../src/names.ts';
import { onDroplet, onInstance, source } from './data-droplet.ts';
import { dropCaches } from './data-operator.ts';
import { nearWay, rsyncAz } from './data-peers.ts';

const place = 'plain';

/** Seconds of the plain way up to the start of the application elsewhere: stop, and copy everything. */
export async function stopAndCopy(): Promise<number> {
  const there = `${dataRoot}/${place}`;
  const copy = rsyncAz(source, place, await nearWay());
  await onInstance(`rm -rf ${there}; mkdir ${there}; sync`);
  await dropCaches();
  const began = performance.now();
  await onDroplet(`docker stop --time 30 files >/dev/null; ${copy}`);
  const seconds = (performance.now() - began) / 1000;
  await onDroplet('docker start files >/dev/null');
  await onInstance(`rm -rf ${there}`);
  return seconds;
}
