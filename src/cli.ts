#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { finishing, rollingBack, steps } from '../steps/index.ts';
import { demoCommand } from './cli/demo.ts';
import type { RunFlags } from './cli/drawn-run.ts';
import { inventoryCommand } from './cli/inventory.ts';
import { type Options, withCommonOptions } from './cli/options.ts';
import { reportError } from './cli/output.ts';
import { type PlanFlags, planCommand } from './cli/plan.ts';
import { runCommand } from './cli/run.ts';
import { statusCommand } from './cli/status.ts';
import { MigrationError } from './errors.ts';
import { nearest } from './nearest.ts';

interface Selection extends RunFlags {
  readonly step?: string;
  readonly from?: string;
  readonly until?: string;
  readonly rollback: boolean;
}

const ids = steps.map(({ id }) => id);

/** The steps from one to another; a single one with `--step`. */
function select({ step, from, until }: Selection): string[] {
  if (step !== undefined && (from !== undefined || until !== undefined)) {
    throw new MigrationError('flags', '--step goes with neither --from nor --until.', {
      hint: 'Use one or the other.',
    });
  }
  const first = step ?? from;
  const last = step ?? until;
  return ids.slice(first === undefined ? 0 : position(first), last === undefined ? ids.length : position(last) + 1);
}

function position(id: string): number {
  const at = ids.indexOf(id);
  if (at >= 0) return at;
  const guess = nearest(id, ids);
  throw new MigrationError('unknown-step', `There is no step "${id}".`, {
    hint: guess ? `Did you mean "${guess}"?` : `Steps: ${ids.join(', ')}`,
  });
}

function program(exitWith: (code: number) => void): Command {
  const { version } = JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string };
  const root = new Command('ecsodus')
    .description('Moves everything one Docker host runs to Amazon ECS on EC2, with the data on an EBS disk at /data.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', examples);
  const command = (name: string, description: string) =>
    withCommonOptions(root.command(name).description(description).exitOverride());

  command('inventory', 'show what the source runs').action((options: Options) =>
    inventoryCommand(options, upTo('inventory')),
  );
  command('plan', 'dry run: show exactly what run will do')
    .option('--out <file>', 'also write the plan as JSON')
    .option('--detailed-exitcode', 'exit with 2 when there is something to do')
    .action(async (options: PlanFlags) => exitWith(await planCommand(options, steps)));
  command('run', 'do what plan shows, and go on where an earlier run was stopped')
    .option('--step <id>', 'this step only')
    .option('--from <id>', 'from this step on')
    .option('--until <id>', 'up to and including this step')
    .option('--yes', 'do not ask before the first change')
    .option('--no-rollback', 'leave things as they are when cut-over fails')
    .addHelpText('after', `\nSteps: ${ids.join(', ')}\n`)
    .action((options: Selection) => {
      const selected = select(options);
      const closing = selected.includes('verify')
        ? 'When you are sure: ecsodus finish. To go back: ecsodus rollback'
        : 'Go on: ecsodus run';
      return runCommand(options, {
        steps: upTo(selected.at(-1) ?? ''),
        selected,
        takeBack: options.rollback ? rollingBack : undefined,
        closing,
      });
    });
  command('status', 'show where the migration stands, and what comes next').action((options: Options) =>
    statusCommand(options, steps),
  );
  command('rollback', 'the source takes over again, as it was before cut-over')
    .option('--yes', 'do not ask before the first change')
    .action((options: RunFlags) =>
      runCommand(options, {
        steps: rollingBack,
        selected: rollingBack.map(({ id }) => id),
        closing: 'The source serves again.',
      }),
    );
  command('finish', 'remove forwards and temporary keys; from here there is no way back')
    .option('--yes', 'do not ask before the first change')
    .action((options: RunFlags) =>
      runCommand(options, { steps: finishing, selected: ['verify', 'finish'], closing: 'The migration is finished.' }),
    );
  root
    .command('demo')
    .description('a whole migration in the local lab (Linux, as root)')
    .option('--keep', 'leave the lab up afterwards')
    .option('--json', 'end with one JSON document on stdout')
    .option('--yes', 'install what is missing without asking')
    .exitOverride()
    .action(async (flags: Record<string, boolean>) =>
      exitWith(await demoCommand(Object.keys(flags).map((flag) => `--${flag}`))),
    );
  return root;
}

const upTo = (id: string) => steps.slice(0, ids.indexOf(id) + 1);

/** package.json is two folders up from src/cli.ts, and three from dist/src/cli.js. */
function packageFile(): URL {
  const here = import.meta.url;
  return new URL(here.endsWith('.ts') ? '../package.json' : '../../package.json', here);
}

const examples = `
Examples:
  $ ecsodus plan                       what would be done, and what would be lost
  $ ecsodus run --until sync-data      everything that leaves the source running
  $ ecsodus run                        the rest: cut over and verify
  $ ecsodus rollback                   the source takes over again
  $ ecsodus finish                     clean up; no way back
`;

async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const root = program((given) => {
    code = given;
  });
  if (argv.length <= 2) {
    root.outputHelp();
    return 0;
  }
  try {
    await root.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    return reportError(error, argv.includes('--json'));
  }
}

process.exitCode = await main(process.argv);
