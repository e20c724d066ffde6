import type { Command } from 'commander';

/** Flags that every command takes. */
export interface Options {
  readonly config: string;
  readonly stateDir: string;
  readonly sshConfig?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export const withCommonOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'the migration, as you wrote it down', 'ecsodus.yaml')
    .option('--state-dir <dir>', 'where journals, plans and keys are kept', '.ecsodus')
    .option('--ssh-config <file>', 'ssh_config to use instead of ~/.ssh/config')
    .option('--profile <name>', 'AWS profile')
    .option('--region <region>', 'AWS region')
    .option('--json', 'one JSON document on stdout; for run, one event a line')
    .option('--quiet', 'print errors only')
    .option('--verbose', 'print every change as it is made');
