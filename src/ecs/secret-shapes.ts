import { looksLikeKey, looksRandom, plainTextIn } from './entropy.ts';
import { nameSays } from './secret-names.ts';

export const redacted = '[redacted]';

type Shape = readonly [pattern: RegExp, replacement: string];

/** Tokens that say by their beginning whose they are. */
const tokens: readonly Shape[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // AWS access key id
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g, // GitLab
  /\b(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{8,}/g, // Stripe
  /\bsk-[A-Za-z0-9_-]{20,}/g, // OpenAI, Anthropic
  /\bxox[abeoprs]-[A-Za-z0-9-]{8,}/g, // Slack
  /\bxapp-\d-[A-Za-z0-9-]{8,}/g,
  /\bdo[por]_v1_[0-9a-f]{32,}/g, // DigitalOcean
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g, // SendGrid
  /\bkey-[0-9a-f]{32}\b/g, // Mailgun
  /\bAIza[A-Za-z0-9_-]{35}/g, // Google
  /\bya29\.[A-Za-z0-9_-]{20,}/g,
  /\b(?:npm|pypi|hf|dckr_pat|shpat|shpss)[_-][A-Za-z0-9_-]{20,}/g, // registries, Docker Hub, Hugging Face, Shopify
  /\bhv[sb]\.[A-Za-z0-9_-]{20,}/g, // HashiCorp Vault
  /\bgl(?:rt|dt|ft|sa)[-_][A-Za-z0-9_-]{16,}/g, // GitLab's other tokens, Grafana
  /\b(?:GOCSPX|NRAK|PMAK|lin_api|django-insecure|AGE-SECRET-KEY)[-_][^\s"']{16,}/g, // Google, New Relic, Postman, Linear, Django, age
  /\bATATT3[A-Za-z0-9_=-]{20,}/g, // Atlassian
  /\b\d{8,10}:AA[A-Za-z0-9_-]{30,}/g, // Telegram
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, // JSON Web Token
].map((pattern) => [pattern, redacted] as const);

const shapes: readonly Shape[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, redacted],
  ...tokens,
  // Whoever has such an address may write: Slack, Discord, Teams.
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/g, `$1${redacted}`],
  [/(discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]+/g, `$1${redacted}`],
  [/(\.webhook\.office\.com\/webhookb2\/)\S+/g, `$1${redacted}`],
  // scheme://user:password@host, up to the last @ before a blank, since a password may hold one. A port is no password.
  [/(\/\/[^\s/:@"'?#]*:)(?!\d{1,5}[/?#]|\$\{?[A-Z_][A-Z0-9_]*\}?@)[^\s"']{1,1000}@/g, `$1${redacted}@`],
  // Go's user:password@tcp(host), Oracle's thin:user/password@.
  [/((?:^|[\s"'=])[^\s:@/"'=]+:)[^\s"']{1,1000}@(?=(?:tcp|unix)\()/g, `$1${redacted}@`],
  [/(:thin:[^\s/@"']+\/)[^\s"']{1,1000}@/g, `$1${redacted}@`],
  // htpasswd, crypt(3) and LDAP: whoever has the hash can try passwords offline.
  [/\${1,2}(?:apr1|1|2[abxy]|5|6|y|argon2(?:id?|d))\${1,2}[\w./$=,+-]{8,}/g, redacted],
  [/\{(?:SHA|SSHA|CRYPT|MD5)\}[\w./$+=]+/g, redacted],
  [
    /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:basic|bearer|token|apikey|digest) +)(?!\$)[^\s"']+/gi,
    `$1${redacted}`,
  ],
  [/\b(bearer +)[\w.~+/=-]{16,}/gi, `$1${redacted}`],
];

/** Every shape has one of these signs, or a long word; most settings have neither. */
const mayHoldSecret = /[=:@${]|-----|[\w/+-]{11}/;

/** The text without the secrets that show by their own shape, or by a name beside them. */
export function redactShapes(text: string): string {
  if (!mayHoldSecret.test(text)) return text;
  const shaped = shapes.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
  return redactBase64(redactUsers(redactAssignments(shaped)));
}

/** The text without the words that look like keys made by chance. */
export const redactRandom = (text: string): string =>
  text.replace(longWord, (word) => (looksRandom(word) ? redacted : word));

/** Public keys and certificates are taken whole, since their lines look made by chance too. */
const longWord =
  /-----BEGIN [A-Z ]*(?:PUBLIC KEY|CERTIFICATE)[A-Z ]*-----[\s\S]*?-----END [A-Z ]*-----|[A-Za-z0-9+/_=-]{24,}/g;

const redactBase64 = (text: string): string => text.replace(longWord, (word) => (hidesSecret(word) ? redacted : word));

function hidesSecret(base64: string): boolean {
  const inside = plainTextIn(base64);
  return inside !== undefined && redactShapes(inside) !== inside;
}

/** `name=value`, `name = value`, `name: value`, `"name": "value"`, `name'] = 'value'`. */
const assigned = /(?<![\w.-])([\w.-]+)\\?["'\]]{0,3}(?:=| = |[ \t]*:[ \t]*)\\?/g;
const valueAt = /"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"';][^\s;]*/y;

function redactAssignments(text: string): string {
  let result = '';
  let done = 0;
  for (const match of text.matchAll(assigned)) {
    const start = match.index + match[0].length;
    if (match.index < done || isPathPart(match) || !isWorthReading(match[1] ?? '')) continue;
    valueAt.lastIndex = start;
    const value = valueAt.exec(text)?.[0] ?? '';
    const quote = /^["']/.exec(value)?.[0] ?? '';
    const bare = quote === '' ? value : value.slice(1, -1);
    if (isReference(bare) || isMount(match[0], bare) || !isSecretValue(match[1] ?? '', bare)) continue;
    result += `${text.slice(done, start)}${quote}${redacted}${quote}`;
    done = start + value.length;
  }
  return result + text.slice(done);
}

const isWorthReading = (name: string): boolean => ['secret', 'maybe'].includes(nameSays(name));

/** `/run/secrets:ro`, `team/token:1.2` */
const isPathPart = ({ 0: head, index, input }: RegExpExecArray): boolean =>
  head.endsWith(':') && input[index - 1] === '/';

/** `-v secrets:/run/secrets` */
const isMount = (head: string, value: string): boolean => head.endsWith(':') && /^\/[\w./:-]*$/.test(value);

/** `https://TOKEN@host`. Sentry's DSN has its public key there, which only lets one report errors. */
const redactUsers = (text: string): string =>
  text.replace(/(:\/\/)([^\s/:@"']{1,1000})@([^\s/"']+)(\/\d+)?/g, (whole, start, user, host, project = '') =>
    looksLikeKey(user) && !(project !== '' && /^[0-9a-f]{32}$/.test(user))
      ? `${start}${redacted}@${host}${project}`
      : whole,
  );

/** Whether a value is a secret by the name beside it. */
export function isSecretValue(name: string, value: string): boolean {
  if (value.trim() === '' || value.startsWith(redacted) || isPlain(value)) return false;
  const says = nameSays(name);
  return says === 'secret' || (says === 'maybe' && (value.split(/[/?&=]/).some(looksLikeKey) || isLogin(value)));
}

/** `user:password`, plain or in base64 as in Docker's own `auth`. */
const isLogin = (value: string): boolean => /^[^\s:/]+:[^\s:/]+$/.test(plainTextIn(value) ?? value);

/** The shell or a template puts the value in: `$DB_PASSWORD`, `${DB_PASSWORD}`, `$(cat file)`, `{{ password }}`, `%(password)s`. */
export const isReference = (value: string): boolean =>
  /^(\$[A-Z_][A-Z0-9_]*|\$\{[A-Z_][A-Z0-9_]*\}|\$\(.*|`.*|\{\{.*|%\(\w+\)s|%s|<[\w -]+>|\*+)$/s.test(
    value.replace(/^["']|["']$/g, ''),
  );

/** Values that nobody would hide: switches, paths, addresses without a login, public keys. */
const isPlain = (value: string): boolean =>
  /^(true|false|yes|no|on|off|null|none|nil|undefined)$/i.test(value) ||
  isPath(value) ||
  isAddress(value) ||
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-ssh-\S+) /.test(value) ||
  /^-----BEGIN (PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE|PGP PUBLIC KEY BLOCK)-----/.test(value);

const isAddress = (value: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\/[^\s@?]*$/i.test(value) && !value.split('/').some(looksLikeKey);

/** A password may begin with a slash: a path has two parts of ordinary letters at least. */
const isPath = (value: string): boolean =>
  /^[\w-]+\.(key|pem|p12|pfx|jks|crt)$/.test(value) ||
  (/^(\/|\.{1,2}\/|~\/)([\w.@-]+\/)+[\w.@-]*$/.test(value) && !value.split('/').some(looksRandom));
