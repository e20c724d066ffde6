import type { Design } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import { cronFindings } from './cron-findings.ts';
import { daemonFindings } from './daemon-findings.ts';
import { ecsNames } from './ecs-names.ts';
import type { Noticed, Scene } from './finding-with-setup.ts';
import { firewallFindings } from './firewall-findings.ts';
import { hostFindings } from './host-findings.ts';
import { oldImageFindings } from './old-images.ts';
import { referenceFindings } from './references.ts';
import { serverFindings } from './server-findings.ts';
import { sysctlFindings } from './sysctl-findings.ts';
import { unitFindings } from './units.ts';

/**
 * What the host around the containers had that the instance will not. Pure; containers alone are judged where nobody
 * looked at the host. `setup` is `instance.setup` of ecsodus.yaml: what it holds already is settled, and not offered again.
 */
export function surroundingFindings(inventory: Inventory, workloads: Design['workloads'], setup = ''): Finding[] {
  const noticed = allNoticed(inventory, workloads);
  const offered = missing(noticed, setup);
  return [...noticed.map((each) => toFinding(each, setup)), ...(offered === '' ? [] : [offer(offered)])];
}

/** Lines for `instance.setup` in ecsodus.yaml: all that settle a finding of `surroundingFindings`, each once. */
export const offeredSetup = (inventory: Inventory, workloads: Design['workloads'], setup = ''): string =>
  missing(allNoticed(inventory, workloads), setup);

function allNoticed(inventory: Inventory, workloads: Design['workloads']): Noticed[] {
  const aboutContainers = [...referenceFindings(inventory), ...oldImageFindings({ inventory })];
  if (inventory.surroundings === undefined) return aboutContainers;
  const scene: Scene = {
    inventory,
    around: inventory.surroundings,
    workloads,
    names: ecsNames(inventory.containers, workloads),
  };
  return [
    ...cronFindings(scene),
    ...unitFindings(scene),
    ...serverFindings(scene),
    ...firewallFindings(scene),
    ...sysctlFindings(scene),
    ...daemonFindings(scene),
    ...hostFindings(scene),
    ...aboutContainers,
  ];
}

const missing = (noticed: readonly Noticed[], setup: string): string =>
  [...new Set(noticed.flatMap(({ setup: lines }) => (lines === undefined || holds(setup, lines) ? [] : [lines])))].join(
    '\n',
  );

/** YAML and editors take white space off line ends. */
const holds = (setup: string, lines: string): boolean => trimmed(setup).includes(trimmed(lines));
const trimmed = (text: string): string => text.replace(/[ \t]+$/gm, '');

function toFinding({ setup: lines, ...finding }: Noticed, setup: string): Finding {
  if (lines === undefined) return finding;
  const remedy = finding.remedy ?? '';
  if (!holds(setup, lines)) {
    return { ...finding, remedy: `${remedy}\nLines for "instance.setup" in ecsodus.yaml:\n${lines}`.trim() };
  }
  const level = finding.level === 'blocker' ? 'warning' : 'info';
  return { ...finding, level, remedy: `"instance.setup" sees to it. ${remedy}`.trim() };
}

const offer = (setup: string): Finding => ({
  level: 'info',
  code: 'instance-setup',
  subject: 'ecsodus.yaml',
  message: 'Lines that give the instance what the host around the containers had; they run as root at its first boot.',
  remedy: `Put this into ecsodus.yaml, less what you do not need:\ninstance:\n  setup: |\n${setup.replace(/^(?=.)/gm, '    ')}`,
});
