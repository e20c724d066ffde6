import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { failsAs, StartFailure } from './agent-failure.ts';
import type { TaskDefinition } from './moto-state.ts';

/** 20 hex digits from the task's random id, so that a restarted agent finds the same names. */
export function suffixOf(taskArn: string, name: string): string {
  return createHash('sha256').update(`${taskArn} ${name}`).digest('hex').slice(0, 20);
}

/** Docker's names of the volumes that live and die with the task: host volumes without a path, and those of scope task. */
export function ownVolumes({ family, revision, volumes }: TaskDefinition, taskArn: string): Record<string, string> {
  const own = volumes.filter(
    ({ host, dockerVolumeConfiguration: docker }) => !host?.sourcePath && docker?.scope !== 'shared',
  );
  return Object.fromEntries(
    own.map(({ name = '' }) => [name, `ecs-${family}-${revision}-${name}-${suffixOf(taskArn, `volume ${name}`)}`]),
  );
}

/** Every volume that Docker knows by a name; shared ones keep their own. */
export function dockerVolumes(definition: TaskDefinition, taskArn: string): Record<string, string> {
  const shared = definition.volumes.filter(({ dockerVolumeConfiguration: docker }) => docker?.scope === 'shared');
  return {
    ...Object.fromEntries(shared.map(({ name = '' }) => [name, name])),
    ...ownVolumes(definition, taskArn),
  };
}

/** Makes what is missing. A shared volume that is there is used as it is, whatever the definition says of it. */
export async function makeVolumes(docker: Docker, definition: TaskDefinition, taskArn: string): Promise<void> {
  const names = dockerVolumes(definition, taskArn);
  for (const { name = '', dockerVolumeConfiguration: wanted } of definition.volumes) {
    const volume = names[name];
    if (!volume || (await isThere(docker, volume))) continue;
    if (wanted?.scope === 'shared' && !wanted.autoprovision)
      throw new StartFailure('CannotCreateVolumeError', new Error(`volume ${name} does not exist`));
    const { driver = 'local', driverOpts = {}, labels = {} } = wanted ?? {};
    const options = { Name: volume, Driver: driver, DriverOpts: driverOpts, Labels: labels };
    await failsAs('CannotCreateVolumeError', docker.createVolume(options));
  }
}

const isThere = (docker: Docker, volume: string): Promise<boolean> =>
  docker
    .getVolume(volume)
    .inspect()
    .then(
      () => true,
      () => false,
    );
