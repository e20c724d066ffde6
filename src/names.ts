import type { Tags } from './aws/aws.ts';
import type { SecretStore } from './design.ts';

/** Every AWS name of a migration. Deterministic, so that what a run made is found again with no state at all. */
export const namesOf = (migration: string) => {
  const base = `ecsodus-${migration}`;
  return {
    cluster: base,
    instance: base,
    volume: `${base}-data`,
    securityGroup: base,
    keyPair: base,
    instanceRole: `${base}-instance`,
    instanceProfile: `${base}-instance`,
    executionRole: `${base}-execution`,
    /** SSM parameter; not below /ecsodus/, of which tasks may read. */
    operatorKey: `/ecsodus-operator/${migration}/target-key`,
  } as const;
};

/** One secret variable of a workload: SSM's parameters begin with a slash, the names of Secrets Manager do not. */
export const secretName = (store: SecretStore, migration: string, workload: string, variable: string): string =>
  `${store === 'ssm' ? '/' : ''}ecsodus/${migration}/${workload}/${variable}`;

/** The tags every resource of ours carries; `change` is the id of the change that made it. */
export const tagsOf = (migration: string, change: string): Tags => ({
  'ecsodus:migration': migration,
  'ecsodus:change': change,
});

/** Where the data disk is mounted on the target. */
export const dataRoot = '/data';

/** What is ours on the data disk. */
export const markRoot = '/data/.ecsodus';

/** Held, shared, by whoever receives data on the target; the fence changes hands only while nobody does. */
export const receivingLock = `${markRoot}/receiving`;

/** What is ours on the source and must survive a reboot: snapshots, the original restart policies. */
export const sourceRoot = (migration: string): string => `/var/lib/ecsodus/${migration}`;

/** What is ours on the source and may be lost with a reboot: the temporary key, pinned known_hosts, scripts. */
export const sourceRun = (migration: string): string => `/run/ecsodus/${migration}`;

/** Views of containers' own file systems on the source, by container. */
export const liftedRoot = (migration: string): string => `${sourceRun(migration)}/lifted`;

/** The login of Amazon's machine images. */
export const targetUser = 'ec2-user';

/** On the instance: what its first boot was asked to do besides (`instance.setup`, swap). */
export const firstBootTag = 'ecsodus:first-boot';
