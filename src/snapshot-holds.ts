import type { Dataset } from './design.ts';
import { numberOf, recordOf, textOf, textsOf } from './ecs/json.ts';
import type { Container } from './inventory.ts';
import type { DatabaseSign } from './queries/database-data.ts';

/** How the writers of a dataset are kept from writing; operators may choose it by container (`snapshotBy`). */
export type HoldBy = 'pause' | 'stop';

/** What is done to one container while the last pass over its data runs. JSON: it is part of a change. */
export interface Hold {
  readonly container: string;
  readonly by: HoldBy;
  /** For the operator, after its name: `MariaDB's files are whole only after it has shut down`. */
  readonly why?: string;
  /** Sent before `docker stop`, where its own stop signal would wait for clients. */
  readonly signal?: 'INT';
  /** How long it may take to shut down, in seconds; without it, the container's own time. */
  readonly graceSeconds?: number;
  /** The snapshot is worth nothing where it had to be killed. */
  readonly mustEndByItself?: true;
  /** Redis writes its dump before the pause. */
  readonly saves?: true;
}

interface Database {
  readonly signs: readonly DatabaseSign[];
  /** In the image's name or the command. */
  readonly program: RegExp;
  readonly hold: Omit<Hold, 'container'>;
}

/** Their manuals call a copy of the files good only after a shut-down; the images' own 10 s are too short for it. */
const shutDown = { by: 'stop', graceSeconds: 60, mustEndByItself: true } as const;

/**
 * How each database is held. A copy of MariaDB's, PostgreSQL's and MongoDB's files from under a paused server is what a
 * power cut leaves: it starts, but only by crash recovery. Redis's and SQLite's files are made to be found like that.
 */
const databases: readonly Database[] = [
  {
    signs: ['ibdata1', 'aria_log_control'],
    program: /mysql|maria|percona/i,
    hold: { ...shutDown, why: 'MariaDB’s and MySQL’s files are whole only after it has shut down' },
  },
  {
    signs: ['PG_VERSION'],
    program: /postgres|postgis|timescale|pgvector/i,
    hold: { ...shutDown, signal: 'INT', why: 'PostgreSQL’s files are whole only after it has shut down' },
  },
  {
    signs: ['WiredTiger'],
    program: /mongo/i,
    hold: { ...shutDown, why: 'MongoDB’s files are whole only after it has shut down' },
  },
  {
    signs: ['redis-dump', 'redis-log'],
    program: /redis|valkey|keydb/i,
    hold: { by: 'pause', saves: true, why: 'Redis saves first, and loads what a pause leaves' },
  },
  {
    signs: ['sqlite'],
    program: /sqlite/i,
    hold: { by: 'pause', why: 'SQLite’s journal is copied with it' },
  },
];

export interface HoldQuestion {
  readonly dataset: Pick<Dataset, 'name'>;
  /** Running containers that can write to it. */
  readonly writers: readonly Container[];
  readonly signs: ReadonlySet<DatabaseSign>;
}

export interface HoldRules {
  /** The operator's choice by container. */
  readonly snapshotBy: Readonly<Record<string, HoldBy>>;
  /** All containers of the source: some live in the namespaces of others. */
  readonly containers: readonly Container[];
}

/**
 * How each writer of a dataset is held for its last pass: what is in the data says which database it is, image and command say
 * whose. Where none of the writers looks like that database, it may be any of them.
 */
export function holdsFor({ writers, signs }: HoldQuestion, rules: HoldRules): readonly Hold[] {
  const present = databases.filter((database) => database.signs.some((sign) => signs.has(sign)));
  return writers.map((writer) => {
    const own = present.filter(
      ({ program }) => program.test(programOf(writer)) || !writers.some((other) => program.test(programOf(other))),
    );
    const recognised = own.find(({ hold }) => hold.by === 'stop') ?? own[0];
    return chosen(writer, recognised?.hold, rules);
  });
}

function chosen(writer: Container, recognised: Database['hold'] | undefined, rules: HoldRules): Hold {
  const container = writer.name;
  const choice = rules.snapshotBy[container];
  const wanted = choice ?? recognised?.by ?? 'pause';
  if (wanted === 'stop') {
    const obstacle = obstacleToStop(writer, rules);
    if (obstacle !== undefined) return { container, by: 'pause', why: obstacle };
  }
  const given = choice !== undefined && choice !== recognised?.by;
  if (given) return { container, by: choice, why: `"snapshotBy" says ${choice}` };
  if (recognised === undefined) return { container, by: 'pause' };
  const { signal, graceSeconds, ...hold } = recognised;
  return {
    container,
    ...hold,
    ...(signal !== undefined && !isInterrupt(writer) && { signal }),
    ...(graceSeconds !== undefined && { graceSeconds: Math.max(graceSeconds, ownGraceSeconds(writer)) }),
  };
}

/** Why a container must not be stopped, where it must not. */
export function obstacleToStop({ id, name, inspect }: Container, { containers }: HoldRules): string | undefined {
  if (inspect.HostConfig.AutoRemove === true) return 'not stopped, since --rm would remove it';
  const joined = containers.filter(({ running, inspect: { HostConfig } }) =>
    [HostConfig.NetworkMode, HostConfig.IpcMode, HostConfig.PidMode].some(
      (mode) => running && (mode === `container:${id}` || mode === `container:${name}`),
    ),
  );
  if (joined.length === 0) return undefined;
  return `not stopped, since ${joined.map((other) => other.name).join(', ')} would lose the namespaces it shares with it`;
}

const programOf = ({ imageName, inspect: { Config } }: Container): string =>
  [imageName, ...textsOf(Config.Entrypoint), ...textsOf(Config.Cmd)].join(' ');

/** Docker takes `SIGINT`, `INT` and `2`. */
const isInterrupt = ({ inspect }: Container): boolean =>
  /^(SIGINT|INT|2)$/i.test(textOf(recordOf(inspect.Config).StopSignal));

const ownGraceSeconds = ({ inspect }: Container): number => numberOf(recordOf(inspect.Config).StopTimeout);

/** `db stopped for its last moments: MariaDB's files …`, for the plan. */
export function holdsText(holds: readonly Hold[]): string {
  const word = { pause: 'paused', stop: 'stopped' } as const;
  return holds
    .map(
      ({ container, by, why }) =>
        `${container} ${word[by]} for its last moments${why === undefined ? '' : ` (${why})`}`,
    )
    .join('; ');
}
