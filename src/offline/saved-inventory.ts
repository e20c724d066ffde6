import type { Json } from '../docker/docker.ts';
import type { Finding } from '../finding.ts';
import type { Container, Image, Inventory } from '../inventory.ts';
import { parseContainer, parseImage } from '../parse-inspect.ts';
import { readDocuments, type SavedFile, unusable } from './json-documents.ts';
import { refuseMaimed, refuseOthers } from './kinds.ts';
import { parseUsage, type SavedUsage, savedUsageOf } from './usage.ts';

/** Paths as the operator typed them. */
export interface SavedFiles {
  readonly containers: string;
  readonly images?: string | undefined;
  readonly stats?: string | undefined;
}

/** What saved `docker inspect` output says of a source that nobody is connected to. */
export interface SavedInventory {
  readonly inventory: Inventory;
  readonly findings: readonly Finding[];
}

/** Every image that a container was made from. */
export const imagesCommand =
  "docker image inspect $(docker ps -aq | xargs docker inspect -f '{{.Image}}' | sort -u) > images.json";

/** Reads the files and no others. Whatever cannot be read is one MigrationError. */
export async function readSavedInventory(files: SavedFiles): Promise<SavedInventory> {
  const [raw, images, usage] = await Promise.all([
    readContainers(files.containers),
    files.images === undefined ? [] : readImages(files.images),
    files.stats === undefined ? [] : readStats(files.stats),
  ]);
  const { containers, findings } = distinct(raw.map((each) => savedContainer(each, usage)));
  return {
    inventory: { containers, images, data: [], networks: [], volumes: [], surroundings: undefined },
    findings: [...findings, ...strangers(usage, containers)],
  };
}

async function readContainers(path: string): Promise<Json[]> {
  const file: SavedFile = { path, flag: '--containers', made: 'docker inspect $(docker ps -aq) > containers.json' };
  const documents = await readDocuments(file);
  if (documents.length === 0) throw unusable(file, 'input-empty', 'holds no container: its list is empty');
  refuseOthers(documents, 'docker inspect', file);
  refuseMaimed(documents, file);
  return documents;
}

async function readImages(path: string): Promise<Image[]> {
  const file: SavedFile = { path, flag: '--images', made: imagesCommand };
  const documents = await readDocuments(file);
  refuseOthers(documents, 'docker image inspect', file);
  return documents.map((each) => parseImage(String(each.Id), each));
}

async function readStats(path: string): Promise<SavedUsage[]> {
  const file: SavedFile = {
    path,
    flag: '--stats',
    made: "docker stats --no-stream --format '{{json .}}' > stats.json",
  };
  return parseUsage(await readDocuments(file), file);
}

/** Whatever its state: offline, a container in the file is one the operator wants to see planned. */
function savedContainer(raw: Json, usage: readonly SavedUsage[]): Container {
  const parsed = parseContainer({ Mounts: [], NetworkSettings: { Networks: {} }, State: {}, ...raw });
  return {
    ...parsed,
    running: true,
    usage: savedUsageOf(parsed, usage),
    databaseMemory: [],
    layer: undefined,
    mentions: [],
  };
}

/**
 * A container saved twice is one. Two with one name cannot be of one host, yet both are planned, the later under its name
 * and id, since names are how everything here is told apart.
 */
function distinct(all: readonly Container[]): { containers: Container[]; findings: Finding[] } {
  const once = [...new Map(all.map((each) => [`${each.name} ${each.id}`, each])).values()];
  const taken = new Set<string>();
  const findings: Finding[] = [];
  const containers = once.map((container) => {
    const { id, name } = container;
    if (!taken.has(name)) {
      taken.add(name);
      return container;
    }
    const other = `${name}-${id.slice(0, 12)}`;
    taken.add(other);
    findings.push(nameTwice(name, other));
    return { ...container, name: other };
  });
  return { containers, findings };
}

const nameTwice = (name: string, other: string): Finding => ({
  level: 'warning',
  code: 'container-name-twice',
  subject: other,
  message: `Two containers are called ${name}, which one Docker host cannot have; the later is planned as ${other}.`,
  remedy: 'Save each host into a file of its own, and plan them one by one.',
});

function strangers(usage: readonly SavedUsage[], containers: readonly Container[]): Finding[] {
  const unknown = usage.filter(
    (each) => !containers.some((container) => savedUsageOf(container, [each]) !== undefined),
  );
  if (unknown.length === 0) return [];
  const names = unknown.map(({ ids }) => ids.at(-1) ?? '?').join(', ');
  return [
    {
      level: 'warning',
      code: 'stats-unknown',
      subject: names,
      message: 'The saved stats name containers that the saved containers do not.',
      remedy: 'Save both at the same time, on the same host.',
    },
  ];
}
