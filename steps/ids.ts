/**
 * The steps of `run`, in order, without their code: the command line names them in its help and checks flags by them
 * before it loads anything. A test holds this list against `steps`.
 */
export const stepIds = [
  'connect',
  'inventory',
  'snapshot',
  'push-images',
  'provision',
  'mount-data',
  'sync-data',
  'register-tasks',
  'cut-over',
  'verify',
] as const;
