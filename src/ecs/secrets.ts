/** Words that make a variable's name secret, as whole words of the name: `DB_PASSWORD`, `apiKey`, `MYSQL_PWD`. */
const secretWords = new Set(
  'password passwd passphrase passwords pwd pass secret secrets token tokens credential credentials creds private apikey accesskey secretkey salt dsn'.split(
    ' ',
  ),
);

/** What makes a trailing KEY no secret: `PUBLIC_KEY`, `PRIMARY_KEY`, `KEY_PREFIX` never gets here. */
const harmlessKeys = new Set(
  'public primary foreign partition sort routing cache host hot keyboard partitionkey'.split(' '),
);

/** Last words that say the value is about a secret, not the secret: a path, a length, an address, a switch. */
const aboutSecrets = new Set(
  `file path dir directory length size ttl expiry expires expiration lifetime timeout enabled disabled required algorithm
   url uri endpoint host port name type policy header prefix ssl pattern rotation count max min`.split(/\s+/),
);

const tokenShapes = [
  /^(AKIA|ASIA)[A-Z0-9]{16}$/, // AWS access key id
  /^(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}/, // GitHub
  /^github_pat_[A-Za-z0-9_]{20,}/,
  /^glpat-[A-Za-z0-9_-]{16,}/, // GitLab
  /^(sk|rk)_(live|test)_[A-Za-z0-9]{8,}/, // Stripe
  /^sk-[A-Za-z0-9_-]{20,}$/, // OpenAI, Anthropic
  /^xox[abeoprs]-[A-Za-z0-9-]{8,}/, // Slack
  /^dop_v1_[0-9a-f]{32,}/, // DigitalOcean
  /^SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/, // SendGrid
  /^eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\./, // JSON Web Token
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];

/** `scheme://user:password@host`, and Go's `user:password@tcp(host)`. */
const urlPassword = /(?:\/\/[^/\s:@]*:[^/\s@]+@|^[^\s:@/]+:[^\s@]+@(?:tcp|unix)\()/;

/** Whether an environment variable is to be treated as a secret: by its name, or by the shape of its value. */
export function looksSecret(name: string, value: string): boolean {
  if (value.trim() === '') return false;
  if (urlPassword.test(value) || tokenShapes.some((shape) => shape.test(value))) return true;
  return hasSecretName(name) && !isPlainly(value);
}

function hasSecretName(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (aboutSecrets.has(last)) return false;
  if (last === 'key') return !words.slice(0, -1).some((word) => harmlessKeys.has(word));
  if (last === 'keys') return words.some((word) => word === 'api' || word === 'secret' || word === 'access');
  return words.some((word) => secretWords.has(word) || /(password|passwd|passphrase|secret|apikey)$/.test(word));
}

/** `DB_PASSWORD`, `dbPassword` and `db.password` are the words db and password. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** Values that nobody would hide: switches, and paths. A password may begin with a slash, so only usual directories count. */
const isPlainly = (value: string): boolean =>
  /^(true|false|yes|no|on|off|null|none)$/i.test(value) ||
  /^\/(run|etc|var|opt|srv|home|root|usr|mnt|app|secrets|config|data|certs?|keys?)\/[\w./-]+$/.test(value);

/** Command lines show secrets too: `--requirepass X`, `--password=X`, a token. Positions of the arguments that hold one. */
export function secretArguments(args: readonly string[]): readonly number[] {
  return args.flatMap((argument, index) => (holdsSecret(argument, args[index - 1]) ? [index] : []));
}

function holdsSecret(argument: string, before: string | undefined): boolean {
  const [, flag, value] = /^-{0,2}([\w.-]+)=(.*)$/s.exec(argument) ?? [];
  if (flag !== undefined && value !== undefined && looksSecret(flag, value)) return true;
  const isValue = before?.startsWith('-') === true && !before.includes('=') && !argument.startsWith('-');
  return looksSecret(isValue ? flagName(before) : '', argument);
}

/** Redis says `--requirepass` and `--masterauth`. */
const flagName = (flag: string): string => flag.replace(/^-+/, '').replace(/^requirepass$|^masterauth$/, 'password');

export const redactArguments = (args: readonly string[]): string[] => {
  const secret = secretArguments(args);
  return args.map((argument, index) => (secret.includes(index) ? '[redacted]' : argument));
};
