import { setTimeout as delay } from 'node:timers/promises';
import { namesOf } from './names.ts';
import { judgeService, type ServiceHealth } from './services.ts';
import { isKnown, type ReadContext } from './step.ts';

/** How each workload's service stands, in the order of the design; undefined where its definition is not known yet. */
export async function readHealth(
  { aws, config, design, definitions }: ReadContext,
  since = new Date(),
): Promise<(ServiceHealth | undefined)[]> {
  const { cluster } = namesOf(config.name);
  return Promise.all(
    design.workloads.map(async (workload) => {
      const arn = definitions[workload.name];
      if (arn === undefined || !isKnown(arn)) return undefined;
      return judgeService(
        workload,
        arn,
        await aws.findService(cluster, workload.name),
        await aws.serviceTasks(cluster, workload.name),
        since,
      );
    }),
  );
}

/**
 * As `readHealth`, once all are healthy, one is not even started, or `healthTimeoutSeconds` are over: visitors are let in as
 * soon as the pages answer, and a container's own health check may need longer to say so.
 */
export async function healthInTime(context: ReadContext, since: Date): Promise<(ServiceHealth | undefined)[]> {
  for (;;) {
    const health = await readHealth(context, since);
    const late = Date.now() - since.getTime() > context.config.healthTimeoutSeconds * 1000;
    if (late || health.every((one) => one?.healthy) || !health.every((one) => one?.started)) return health;
    await delay(250);
  }
}
