import type { Step } from '../src/step.ts';
import { connect, connectToFinish } from './connect.ts';
import { cutOver } from './cut-over.ts';
import { finish } from './finish.ts';
import { inventory } from './inventory.ts';
import { mountData } from './mount-data.ts';
import { provision } from './provision.ts';
import { pushImages } from './push-images.ts';
import { registerTasks } from './register-tasks.ts';
import { rollback, rollbackWithData } from './rollback.ts';
import { snapshot } from './snapshot.ts';
import { syncData } from './sync-data.ts';
import { undo } from './undo.ts';
import { verify } from './verify.ts';

/** The migration, in order. */
export const steps: readonly Step[] = [
  connect,
  inventory,
  snapshot,
  pushImages,
  provision,
  mountData,
  syncData,
  registerTasks,
  cutOver,
  verify,
];

/** What `ecsodus finish` runs: the last step, after looking once more whether the target serves as the source did. */
export const finishing: readonly Step[] = [connectToFinish, inventory, provision, verify, finish];

/** What `ecsodus undo` runs. */
export const undoing: readonly Step[] = [connect, inventory, undo];

/** What `ecsodus rollback` runs: what the target wrote stays there, or is brought back. */
export const rollingBack: readonly Step[] = [connect, rollback];
export const rollingBackWithData: readonly Step[] = [connect, inventory, rollbackWithData];
