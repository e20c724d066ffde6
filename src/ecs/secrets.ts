import { nameSays } from './secret-names.ts';
import { isReference, isSecretValue, redacted, redactRandom, redactShapes } from './secret-shapes.ts';
import { type ShellWord, shellCommands } from './shell-words.ts';

/**
 * Whether an environment variable (a label, a log option) is to be treated as a secret: by its name, by the shape of its
 * value or of a part of it, because a word of it looks made by chance (`looksRandom` says how much chance that takes), or as
 * a command line with a password in it.
 */
export const looksSecret = (name: string, value: string): boolean =>
  isSecretValue(name, value) ||
  redactShapes(value) !== value ||
  (nameSays(name) !== 'harmless' && (redactRandom(value) !== value || holdsPassword(value)));

/** `--requirepass hunter2`, `curl -u user:hunter2`: a variable may hold arguments. Keys and certificates are no command lines. */
const holdsPassword = (value: string): boolean =>
  /\s/.test(value) && !value.includes('-----BEGIN ') && redactText(value) !== value;

/** A command line's arguments as they may be shown: `--password=[redacted]`, and what follows `--requirepass`. */
export function redactArguments(args: readonly string[]): string[] {
  let program: Program | undefined;
  return args.map((argument, index) => {
    const shown = redactArgument(argument, args[index - 1] ?? '', program);
    program = programNamed(argument) ?? program;
    return shown;
  });
}

/** Positions of the arguments that hold a secret. */
export function secretArguments(args: readonly string[]): readonly number[] {
  return redactArguments(args).flatMap((shown, index) => (shown === args[index] ? [] : [index]));
}

/** A shell's command line, or any other text, as it may be shown. */
export function redactText(text: string): string {
  const words = shellCommands(text).flatMap((command) => {
    const shown = redactArguments(command.map(({ value }) => value));
    return command.map((word, index): [ShellWord, string] => [word, shown[index] ?? redacted]);
  });
  let result = '';
  let done = 0;
  for (const [{ raw, value, start }, shown] of words) {
    if (shown === value) continue;
    result += text.slice(done, start) + (/^[{[]/.test(raw) ? redactShapes(raw) : requoted(shown, raw));
    done = start + raw.length;
  }
  return redactRandom(redactShapes(result + text.slice(done)));
}

const requoted = (shown: string, raw: string): string => {
  const quote = /^["']/.exec(raw)?.[0] ?? '';
  return `${quote}${shown}${quote}`;
};

function redactArgument(argument: string, before: string, program: Program | undefined): string {
  if (isScript.test(before) && /\s/.test(argument)) return redactText(argument);
  const [, flag, value] = /^(-{0,2}[\w.-]+=)(.*)$/s.exec(argument) ?? [];
  if (flag !== undefined && value !== undefined && isSecretArgument(flag, value)) return flag + redacted;
  const glued = program?.glued;
  if (glued && argument.startsWith(glued) && argument !== glued && !isReference(argument.slice(glued.length)))
    return glued + redacted;
  if (isAfterPassword(argument, before, program)) return redacted;
  return /\s/.test(argument) ? redactText(argument) : redactRandom(redactShapes(argument));
}

/** What the next argument is a shell's command line of: `sh -c`, `bash -lc`, a health check's `CMD-SHELL`. */
const isScript = /^(-[a-z]*c|CMD-SHELL)$/;

const isSecretArgument = (name: string, value: string): boolean => isSecretValue(name, value) && !isReference(value);

/** A program with short flags of its own for a password. */
interface Program {
  readonly names: RegExp;
  /** `-phunter2` */
  readonly glued?: string;
  /** `-a hunter2` */
  readonly separate?: string;
  /** `-u user:hunter2` */
  readonly login?: readonly string[];
}

/** For others `-p` is a port, `-a` all and `-u` a user: those are not taken for passwords. */
const programs: readonly Program[] = [
  { names: /^(mysql(admin|dump|check|import|show|slap|sh)?|mariadb(-\w+)?|mycli)$/, glued: '-p' },
  { names: /^(redis|valkey|keydb)-(cli|benchmark)$/, separate: '-a' },
  { names: /^mongo(sh|dump|restore|export|import|stat|top)?$/, separate: '-p' },
  { names: /^(sqlcmd|mosquitto_(pub|sub|rr))$/, glued: '-P', separate: '-P' },
  { names: /^(sshpass|rabbitmqadmin)$/, glued: '-p', separate: '-p' },
  { names: /^ldap(search|modify|add|whoami|delete|compare)$/, glued: '-w', separate: '-w' },
  { names: /^curl$/, login: ['-u', '--user', '--proxy-user'] },
];

const programNamed = (word: string): Program | undefined =>
  programs.find(({ names }) => names.test(word.replace(/^.*\//, '')));

function isAfterPassword(argument: string, before: string, program: Program | undefined): boolean {
  if (isFlag(argument) || !/^(-+[A-Za-z][\w.-]*|requirepass|masterauth)$/.test(before)) return false;
  if (before === program?.separate) return !isReference(argument);
  if (program?.login?.includes(before)) return /^[^:]*:(?!\$)./.test(argument);
  return isSecretArgument(before, argument);
}

const isFlag = (argument: string): boolean => /^--?[A-Za-z][\w-]*(=.*)?$/s.test(argument);
