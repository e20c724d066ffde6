#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { stepIds } from '../steps/ids.ts';
import * as commands from './cli/commands.ts';
import { withCommonOptions } from './cli/options.ts';
import { reportError } from './cli/output.ts';
import { answerIds, answers, flagOf } from './wizard/answers.ts';

function program(exitWith: (code: number) => void): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const root = new Command('ecsodus')
    .description('Moves everything one Docker host runs to Amazon ECS on EC2, with the data on an EBS disk at /data.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', examples);
  const command = (name: string, description: string) =>
    withCommonOptions(root.command(name).description(description).exitOverride());

  withAnswers(command('init', 'ask what is to be moved and how, and write ecsodus.yaml')).action(commands.init);
  withAnswers(withCommonOptions(root.command(alone, { hidden: true }).exitOverride())).action(commands.wizard);
  command('inventory', 'show what the source runs').action(commands.inventory);
  command('plan', 'dry run: show exactly what run will do')
    .option('--out <file>', 'also write the plan as JSON')
    .option('--report <dir>', 'also write plan.json, and plan.html to read, into a folder')
    .option('--detailed-exitcode', 'exit with 2 when there is something to do')
    .option('--containers <file>', 'plan saved "docker inspect" output instead, with neither SSH nor AWS')
    .option('--images <file>', 'saved "docker image inspect" output, beside --containers')
    .option('--stats <file>', 'saved "docker stats --no-stream" output as JSON, beside --containers')
    .action(async (options, self: Command) =>
      exitWith(await commands.plan(options, self.getOptionValueSource('config') === 'cli')),
    );
  command('run', 'do what plan shows, and go on where an earlier run was stopped')
    .option('--step <id>', 'this step only')
    .option('--from <id>', 'from this step on')
    .option('--until <id>', 'up to and including this step')
    .option('--plan <file>', 'what plan --out saved: exactly that, or nothing; does not ask')
    .option('--yes', 'do not ask before the first change')
    .option('--no-rollback', 'leave things as they are when cut-over fails')
    .option('--bwlimit <KiB/s>', 'what the copies may use of the link while the source runs')
    .addHelpText('after', `\nSteps: ${stepIds.join(', ')}\n`)
    .action(commands.run);
  command('status', 'show where the migration stands, and what comes next').action(commands.status);
  command('rollback', 'the source takes over again, as it was before cut-over')
    .option('--bring-data-back', 'bring back what was written on the target; the source\u2019s own copy is kept first')
    .option('--leave-data', 'leave on the target\u2019s disk what was written there')
    .option('--yes', 'do not ask before the first change')
    .action(commands.rollback);
  command('finish', 'remove forwards and temporary keys; from here there is no way back')
    .option('--yes', 'do not ask before the first change')
    .action(commands.finish);
  command('undo', 'remove all that the migration has made, while the source owns the data')
    .option('--yes', 'do not ask before the first change')
    .action(commands.undo);
  addSnapshot(root);
  root
    .command('demo')
    .description('a whole migration in the local lab (Linux, as root)')
    .option('--keep', 'leave the lab up afterwards')
    .option('--json', 'end with one JSON document on stdout')
    .option('--yes', 'install what is missing without asking')
    .exitOverride()
    .action(async (flags) => exitWith(await commands.demo(flags)));
  return root;
}

/** What `ecsodus` without a command does. */
const alone = 'wizard';

const isAlone = ([first]: readonly string[]): boolean =>
  first === undefined || (first.startsWith('-') && !['-h', '--help', '-V', '--version'].includes(first));

/** A flag for each question. --profile and --region are there already. */
function withAnswers(command: Command): Command {
  const asked = answerIds.filter((id) => id !== 'profile' && id !== 'region');
  for (const id of asked) command.option(flagOf(id), answers[id].about);
  return command.option('--yes', 'ask nothing: what is proposed is taken where no flag and no earlier answer says it');
}

function addSnapshot(root: Command): void {
  const snapshot = root
    .command('snapshot')
    .description('look at the snapshots on the source, prove them, restore one')
    .exitOverride()
    .addHelpText('after', snapshotExamples);
  const command = (name: string, description: string) =>
    withCommonOptions(snapshot.command(name).description(description).exitOverride());
  command('list', 'the snapshots there are, and how long each made containers wait').action(commands.snapshotList);
  command('verify [name]', 'read one, or all, to the end: is everything as it was made?').action(
    commands.snapshotVerify,
  );
  command('restore <name>', 'copy one into a directory of the source; the live data is not touched')
    .requiredOption('--to <dir>', 'an absolute path on the source: not there yet, or an empty directory')
    .action(commands.snapshotRestore);
}

const snapshotExamples = `
Examples:
  $ ecsodus snapshot list
  $ ecsodus snapshot verify volumes/db-data
  $ ecsodus snapshot restore volumes/db-data --to /root/restored
`;

const examples = `
Examples:
  $ ecsodus                            asks, writes ecsodus.yaml, shows the plan, and runs it on your yes
  $ ecsodus init                       asks and writes ecsodus.yaml, no more
  $ ecsodus plan                       what would be done, and what would be lost
  $ ecsodus plan --containers c.json   the same from saved docker inspect output, without a host
  $ ecsodus plan --report report       the same as a page to read: report/plan.html
  $ ecsodus run --until sync-data      everything that leaves the source running
  $ ecsodus plan --out plan.json       keep what you saw, then: ecsodus run --plan plan.json
  $ ecsodus run                        the rest: cut over and verify
  $ ecsodus rollback                   the source takes over again
  $ ecsodus finish                     clean up; no way back
  $ ecsodus undo                       remove what was made in AWS, and on the source, instead
  $ ecsodus snapshot list              the copies kept on the source
`;

async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const root = program((given) => {
    code = given;
  });
  const [node = '', script = '', ...words] = argv;
  try {
    await root.parseAsync(isAlone(words) ? [node, script, alone, ...words] : argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    return reportError(error, argv.includes('--json'));
  }
}

process.exitCode = await main(process.argv);
