import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, answersFile, ask, compareAnswers, parseAnswers } from './answers.ts';
import type { Workload } from './design.ts';
import { MigrationError } from './errors.ts';
import { namesOf } from './names.ts';
import { readOrigin } from './origin.ts';
import { judgeService, type ServiceHealth, stopReasons } from './services.ts';
import { sh } from './shell.ts';
import { silentPorts } from './silent-ports.ts';
import type { WriteContext } from './step.ts';
import { requireTarget } from './target.ts';

/** This many tasks that stopped by themselves, and a service is taken for one that crashes at start. */
const crashes = 3;

/**
 * Waits until the workload serves: its containers run, every published port at which somebody listened on the source is
 * open and, for the last workload, every page recorded on the source answers alike. Where no pages were recorded, its
 * health checks decide. Throws `not-healthy` with ECS's reasons and the last log lines.
 */
export async function awaitServing(
  workload: Workload,
  definitionArn: string,
  since: Date,
  context: WriteContext,
): Promise<void> {
  const { aws, config, signal, progress, state, source } = context;
  const { cluster } = namesOf(config.name);
  const pages = parseAnswers(await state.read(answersFile));
  const origin = await readOrigin(source, config.name);
  const ports = workload.ports.filter((port) => !origin?.silentPorts.includes(port));
  const last = workload.name === context.design.workloads.at(-1)?.name;
  for (;;) {
    const [service, tasks] = await Promise.all([
      aws.findService(cluster, workload.name),
      aws.serviceTasks(cluster, workload.name),
    ]);
    const health = judgeService(workload, definitionArn, service, tasks, since);
    const up = pages.length > 0 ? health.started : health.healthy;
    // A page may need several workloads: the last one waits for it.
    const silent = up ? await silence(ports, last ? pages : [], context) : undefined;
    if (up && silent === undefined) return;
    const reason = silent ?? health.reason;
    progress({ message: reason });
    const late = Date.now() - since.getTime() > config.healthTimeoutSeconds * 1000;
    if (late || health.stopped.length >= crashes) throw await notHealthy(workload, health, reason, context);
    await delay(200, undefined, { signal });
  }
}

/** What does not answer yet, asked on the instance itself: nobody else is let in before it serves. */
async function silence(
  ports: readonly number[],
  pages: readonly Answer[],
  context: WriteContext,
): Promise<string | undefined> {
  const { openPort } = await requireTarget(context);
  const [closed] = await silentPorts(ports, openPort);
  if (closed !== undefined) return `port ${closed} is closed`;
  const after = await Promise.all(pages.map(({ url }) => ask(url, openPort)));
  const unlike = pages.find((page, index) => compareAnswers(page, after[index] ?? page) === 'different');
  return unlike && `${unlike.url} does not answer as before`;
}

async function notHealthy(
  workload: Workload,
  health: ServiceHealth,
  reason: string,
  context: WriteContext,
): Promise<MigrationError> {
  const target = await requireTarget(context);
  const logs = await target.run(lastLogLines(workload.taskDefinition.family)).catch(() => '');
  const why = health.stopped.length > 0 ? `${health.stopped.length} tasks stopped after they started` : reason;
  return new MigrationError('not-healthy', `The service ${workload.name} does not become healthy: ${why}.`, {
    evidence: [...stopReasons(health.stopped), ...logs.trimEnd().split('\n')].filter((line) => line !== ''),
    hint: 'Mend what the lines above say, then: ecsodus run',
  });
}

/** The last lines of each container of the family's newest task, stopped ones too. */
const lastLogLines = (
  family: string,
): string => sh`docker ps -a -n 10 --filter ${`label=com.amazonaws.ecs.task-definition-family=${family}`} --format '{{.Names}} {{.Status}}' |
while read -r name status; do echo "$name: $status"; docker logs --tail 5 "$name" 2>&1 | sed 's/^/  /'; done`;
