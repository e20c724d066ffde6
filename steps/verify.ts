import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, answersFile, ask, compareAnswers, type Likeness, parseAnswers } from '../src/answers.ts';
import type { WantedImage, Workload } from '../src/design.ts';
import type { DockerReader } from '../src/docker/docker.ts';
import { imageFor } from '../src/ecs/images.ts';
import { liftPaths } from '../src/ecs/lifted.ts';
import { withRewrites } from '../src/ecs/port-rewrites.ts';
import { parseForwards } from '../src/forward.ts';
import { namesOf } from '../src/names.ts';
import { iptablesRules } from '../src/queries/iptables.ts';
import { compareContainers } from '../src/running.ts';
import { asStep, type Check, type ReadContext } from '../src/step.ts';
import { publicAddress } from '../src/target.ts';

/** Looks at the target as a stranger would: containers by inspect, pages by asking. Changes nothing. */
export const verify = asStep({
  id: 'verify',
  title: 'Verify the target against the source',
  needs: ['cut-over'],
  plan: async () => ({ changes: [], outputs: {}, findings: [] }),
  apply: async () => {},
  verify: async (context) => {
    const perWorkload = await Promise.all(
      context.design.workloads.map((workload) => workloadChecks(workload, context)),
    );
    return [...perWorkload.flat(), ...(await pageChecks(context))];
  },
});

async function workloadChecks(
  workload: Workload,
  { aws, config, inventory, design, source, ...context }: ReadContext,
): Promise<Check[]> {
  const tasks = await aws.serviceTasks(namesOf(config.name).cluster, workload.name);
  const running = tasks.find(
    ({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING',
  );
  const target = await context.target(context.instance);
  if (running === undefined || target === undefined)
    return [{ name: `service ${workload.name}`, status: 'fail', reason: 'no running task' }];
  const { containers } = liftPaths(inventory, config).inventory;
  const checks = workload.containers.map(async (name, index): Promise<Check[]> => {
    const before = containers.find((container) => container.name === name);
    const wanted = workload.taskDefinition.containerDefinitions?.[index];
    const id = running.containers?.find((container) => container.name === wanted?.name)?.runtimeId;
    const after = id === undefined ? undefined : await target.docker.inspectContainer(id);
    if (before === undefined || wanted === undefined || after === undefined)
      return [{ name, status: 'fail', reason: 'not on the target' }];
    const image = imageFor(before, design.images);
    const imageId = await imageIdOf(image, source.docker, target.docker);
    return compareContainers({ ...withRewrites(before, design), imageId }, wanted, after);
  });
  return (await Promise.all(checks)).flat();
}

/** A committed image has the id that the engine gave it; where the source has dropped it, the target's tag names it. */
async function imageIdOf(image: WantedImage | undefined, ...engines: readonly DockerReader[]): Promise<string> {
  if (image === undefined || image.committedFrom === undefined) return image?.id ?? '';
  for (const engine of engines) {
    const found = await engine.inspectImage(image.reference);
    if (found !== undefined) return String(found.Id);
  }
  return '';
}

async function pageChecks({ state, instance, source, config }: ReadContext): Promise<Check[]> {
  const before = parseAnswers(await state.read(answersFile)).filter(({ url }) => config.checks.includes(url));
  if (before.length === 0) {
    const reason =
      config.checks.length === 0 ? 'no checks in ecsodus.yaml' : 'what the source answered before was not recorded';
    return [{ name: 'pages', status: 'skip', reason }];
  }
  const address = publicAddress(instance);
  const at = address === undefined ? [] : [{ name: 'target', address }];
  const forwarded = parseForwards(await source.read(iptablesRules()), config.name).size > 0;
  const places = [...at, ...(forwarded ? [{ name: 'old address', address: source.address }] : [])];
  return (await Promise.all(places.map((place) => comparePages(before, place)))).flat();
}

const comparePages = (before: readonly Answer[], place: { name: string; address: string }): Promise<Check[]> =>
  Promise.all(
    before.map(async (answer): Promise<Check> => {
      const { after, likeness } = await askPatiently(answer, place.address);
      return {
        name: `${answer.url} at the ${place.name}`,
        status: likeness === 'different' ? 'fail' : 'ok',
        reason: `${describe(answer)} before, ${describe(after)} now${likeness === 'same' ? ', the same bytes' : ''}`,
      };
    }),
  );

/** One slow answer of a host that has just started is no difference; three are. */
async function askPatiently(before: Answer, address: string): Promise<{ after: Answer; likeness: Likeness }> {
  for (let tries = 1; ; tries++) {
    const after = await ask(before.url, address);
    const likeness = compareAnswers(before, after);
    if (likeness !== 'different' || tries === 3) return { after, likeness };
    await delay(1000);
  }
}

const describe = ({ status, bytes }: Answer): string => (status === 0 ? 'no answer' : `${status} with ${bytes} bytes`);
