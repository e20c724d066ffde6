import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readProfiles } from '../aws/profiles.ts';
import { parseConfig, type Settings } from '../config.ts';
import { MigrationError, messageOf } from '../errors.ts';
import type { PlanDocument } from '../report/plan-document.ts';
import { bytes, count } from '../report/units.ts';
import { readAliases } from '../ssh/aliases.ts';
import { openState } from '../state.ts';
import type { Step } from '../step.ts';
import { type AnswerId, answerIds, answers, flagOf } from '../wizard/answers.ts';
import { configOf, settingsFile, settingsIn } from '../wizard/settings-file.ts';
import { answerAll, askAll } from '../wizard/wizard.ts';
import { isTerminal, terminal } from './ask.ts';
import { openEyes } from './look.ts';
import type { Options } from './options.ts';
import { print } from './output.ts';
import { keepPlan } from './plan.ts';

/** Beside `--yes`, a flag for each answer, by its name in commander. */
export type InitFlags = Options & { readonly yes?: boolean } & Readonly<Record<string, unknown>>;

/** Asks what ecsodus.yaml should say, and writes it: the one thing that is written, and last. `steps` are planned to look. */
export async function initCommand(flags: InitFlags, steps: readonly Step[]): Promise<void> {
  const file = flags.config;
  const before = await readBefore(file);
  const given = givenBy(flags);
  const start = [...given].reduce((settings, [id, text]) => answers[id].write(settings, text), settingsIn(before));
  if (!flags.yes && !isTerminal()) throw noTerminal(start, file);
  const [hosts, profiles] = await Promise.all([readAliases(flags.sshConfig), readProfiles()]);
  const eyes = openEyes(flags, steps, (line) => {
    if (!flags.quiet) process.stderr.write(`${line}\n`);
  });
  try {
    const world = {
      machine: { hosts, profiles, environment: process.env },
      eyes,
      given: new Set<string>(given.keys()),
    };
    const settings = flags.yes ? await answerAll(start, world) : await askAll(start, world, terminal);
    const config = configOf(settings, file);
    await eyes.look(config);
    await writeFile(file, settingsFile(settings, before)).catch((cause: unknown) => {
      throw new MigrationError('config-unwritable', `Cannot write ${file}: ${messageOf(cause)}`, {
        hint: 'Name another file with --config FILE.',
        cause,
      });
    });
    const document = await keepPlan(eyes.plans(config), config, openState(resolve(flags.stateDir), config.name));
    print(flags, { file, settings }, () => `${file} is written.\n${summary(document)}\nSee all of it: ecsodus plan`);
  } finally {
    await eyes.close();
  }
}

/** What was there before must be right before anything is built on it. */
async function readBefore(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new MigrationError('config-unreadable', `Cannot read ${file}: ${messageOf(error)}`, {
      hint: 'Name another file with --config FILE.',
    });
  });
  if (text.trim() !== '') parseConfig(text, file);
  return text;
}

function givenBy(flags: InitFlags): ReadonlyMap<AnswerId, string> {
  const nameOf = (flag: string) => flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new Map(
    answerIds.flatMap((id) => {
      const text = flags[nameOf(answers[id].flag)];
      return typeof text === 'string' ? [[id, text] as const] : [];
    }),
  );
}

function noTerminal(settings: Settings, file: string): MigrationError {
  const always = answerIds.filter((id) => id !== 'outside' && id !== 'accept');
  const missing = always.filter((id) => answers[id].read(settings) === undefined);
  const example = settings.source === undefined ? ' --source <host>' : '';
  return new MigrationError('no-terminal', 'There is no terminal to ask on, and these answers are missing:', {
    evidence: [...missing.map((id) => `${flagOf(id)}: ${answers[id].about}`), '--yes: that it is right so'],
    hint: `Give them as flags, or as keys of ${file}; --yes takes what is proposed for the others: ecsodus init${example} --yes`,
  });
}

function summary({ totals }: PlanDocument): string {
  const { findings } = totals;
  const moves = `${count(totals.containers, 'container')} in ${count(totals.workloads, 'task')}, ${bytes(totals.dataBytes)} of data to move.`;
  return `${moves}\n${count(findings.blocker, 'blocker')} and ${count(findings.warning, 'warning')} stand.`;
}
