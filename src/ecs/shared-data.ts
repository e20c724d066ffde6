import { posix } from 'node:path';
import type { Volume } from '@aws-sdk/client-ecs';
import type { Workload } from '../design.ts';
import type { Finding } from '../finding.ts';
import { dataRoot } from '../names.ts';
import { groupedBy } from './grouped-by.ts';
import { isInside } from './host-paths.ts';

/** Somebody who may write below a directory of the data disk. */
interface Writer {
  readonly workload: string;
  readonly container: string;
  readonly path: string;
  readonly isDatabase: boolean;
}

/** §2, last paragraph: what two workloads write at once. ECS starts, stops and replaces each without the other. */
export function sharedData(workloads: readonly Workload[]): Finding[] {
  const byPath = groupedBy(workloads.flatMap(writersOf), ({ path }) => path);
  return [...byPath].flatMap(([path, inside]) => {
    const writers = [...outer(path).flatMap((directory) => byPath.get(directory) ?? []), ...inside];
    return new Set(writers.map(({ workload }) => workload)).size > 1 ? [finding(path, writers)] : [];
  });
}

/** The directories around one, up to the root. */
const outer = (path: string): string[] => (path === '/' ? [] : [posix.dirname(path), ...outer(posix.dirname(path))]);

const databases =
  /mysql|mariadb|percona|postgres|postgis|timescale|mongo|redis|valkey|elasticsearch|opensearch|influx|couch|cassandra|clickhouse|rabbitmq|etcd|neo4j|mssql/;

const writersOf = ({ name: workload, taskDefinition }: Workload): Writer[] =>
  (taskDefinition.containerDefinitions ?? []).flatMap(({ name: container = '', image = '', mountPoints = [] }) =>
    mountPoints
      .filter(({ readOnly }) => readOnly !== true)
      .flatMap(({ sourceVolume }) => {
        const path = pathOf((taskDefinition.volumes ?? []).find(({ name }) => name === sourceVolume));
        const isDatabase = databases.test(image.split('/').at(-1) ?? '');
        return path !== undefined && isInside(path, dataRoot) ? [{ workload, container, path, isDatabase }] : [];
      }),
  );

const pathOf = (volume: Volume | undefined): string | undefined =>
  volume?.host?.sourcePath ?? volume?.dockerVolumeConfiguration?.driverOpts?.device;

function finding(path: string, writers: readonly Writer[]): Finding {
  const names = [...new Set(writers.map(({ workload, container }) => `${container} (${workload})`))].join(', ');
  const isOpenedTwice = writers.filter(({ isDatabase }) => isDatabase).length > 1;
  return isOpenedTwice
    ? {
        level: 'blocker',
        code: 'data-directory-twice',
        subject: path,
        message: `Two databases would open one data directory, ${path}: ${names}.`,
        remedy: 'Stop one of them on the source, and plan again.',
      }
    : {
        level: 'info',
        code: 'data-shared',
        subject: path,
        message: `${path} is written by more than one workload, as on the source: ${names}.`,
        remedy: 'Put them into one workload ("workloads:" in ecsodus.yaml) if they must stop and start together.',
      };
}
