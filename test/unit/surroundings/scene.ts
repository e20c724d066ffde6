import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Finding } from '../../../src/finding.ts';
import type { Container, Inventory } from '../../../src/inventory.ts';
import { offeredSetup, surroundingFindings } from '../../../src/surroundings/surrounding-findings.ts';
import type { Surroundings } from '../../../src/surroundings/surroundings.ts';
import { inventory, settings } from '../ecs/builders.ts';

/** A host that has nothing beside Docker. */
export const nothingAround: Surroundings = {
  addresses: [],
  vendor: '',
  timeZone: '',
  jobs: [],
  units: [],
  enabled: [],
  listeners: [],
  programs: [],
  certificates: [],
  acmeFolders: [],
  iptables: '',
  nftTables: [],
  sysctls: {},
  sysctlsNow: {},
  daemon: {},
  hosts: [],
  modules: [],
  swapBytes: 0,
  disks: [],
  systems: {},
  hostsInFiles: [],
};

/** What the rules say of containers with something around them. */
export function around(
  parts: Partial<Surroundings>,
  containers: readonly Container[] = [],
  over: Partial<Inventory> = {},
  already = '',
) {
  const found = { ...inventory(containers), surroundings: { ...nothingAround, ...parts }, ...over };
  const { workloads } = designMigration(found, settings);
  const findings = surroundingFindings(found, workloads, already);
  return {
    findings,
    codes: findings.filter(({ code }) => code !== 'instance-setup').map(briefly),
    setup: offeredSetup(found, workloads, already),
  };
}

const briefly = ({ level, code, subject }: Finding): string => `${level} ${code}:${subject}`;
