import { dnsSuffix, partitionOf } from '../aws/partition.ts';
import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import { designMigration } from '../ecs/design-migration.ts';
import { fitFindings } from '../ecs/fit.ts';
import type { Finding } from '../finding.ts';
import { imagesCommand, type SavedInventory } from './saved-inventory.ts';

/** An account that AWS gives to nobody: it stands in until the real one is known. */
const nobody = '000000000000';

/** Stands in where nobody named one. */
export const standInRegion = 'us-east-1';

/** What the operator said of AWS. */
export interface Known {
  /** Undefined where nobody said: then one stands in. */
  readonly region: string | undefined;
  /** Whether a file of images was given. */
  readonly images: boolean;
}

/** What the inventory step would make of what was saved, with nothing asked of a host or of AWS. */
export function offlineDesign({ inventory, findings }: SavedInventory, config: Config, known: Known): Design {
  const region = known.region ?? standInRegion;
  const partition = partitionOf(region);
  const registry = `${nobody}.dkr.ecr.${region}.${dnsSuffix(partition)}`;
  const found = designMigration(inventory, { ...config, account: nobody, region, partition, registry });
  const fit = fitFindings(found.workloads, config.instance.type);
  return { ...found, findings: [standIns(known), ...findings, ...offlineFindings(found, known), ...fit] };
}

const standIns = ({ region }: Known): Finding => ({
  level: 'info',
  code: 'offline',
  subject: 'plan',
  message: `Planned from saved files alone: account ${nobody}${region === undefined ? ` and region ${standInRegion} stand` : ' stands'} in for yours, no host and no AWS was asked: what containers wrote outside volumes and what is around them was not looked at, and no changes are listed.`,
  remedy: `${region === undefined ? 'Name your region with --region. ' : ''}For what run would do: ecsodus plan, without --containers.`,
});

/** The design's findings, in the words of somebody who has files and no host; a hundred of one kind as one. */
function offlineFindings({ findings, datasets }: Design, known: Known): Finding[] {
  const isUnmeasured = ({ code }: Finding) => code === 'not-measured';
  const told = findings.filter((finding) => !isUnmeasured(finding)).map((finding) => inOfflineWords(finding, known));
  return findings.some(isUnmeasured) ? [...told, notMeasured(datasets.length)] : told;
}

const notMeasured = (count: number): Finding => ({
  level: 'info',
  code: 'not-measured',
  subject: 'data',
  message: `${count === 1 ? 'One volume or mounted path was' : `${count} volumes and mounted paths were`} not looked at: neither their sizes nor whether they are files is known, and configuration files in them were not read for names of other containers.`,
  remedy: 'A plan with the source in reach looks: ecsodus plan, without --containers.',
});

function inOfflineWords(finding: Finding, { images }: Known): Finding {
  if (finding.code !== 'image-missing') return finding;
  return {
    ...finding,
    message: `Its image is ${images ? 'not in the file of images' : 'not known'}, so what it sets by itself and what it has from its image cannot be told apart.`,
    remedy: `Save the images where Docker runs, and name the file with --images: ${imagesCommand}`,
  };
}
