/**
 * What a name says of its value: `secret`, that it is one; `maybe`, that it may be one; `harmless`, that it is public or
 * only about a secret (a path, a length, a checksum); `nothing`.
 */
export type NameSays = 'secret' | 'maybe' | 'harmless' | 'nothing';

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

/** Words that make a name secret, as whole words of it: `DB_PASSWORD`, `apiKey`, `MYSQL_PWD`. */
const secretWords = setOf(
  `password passwd passphrase passwords passcode passwort kennwort pwd pass pw psw secret secrets token tokens credential
   credentials creds`,
);

/** The same where words are written in one: `PGPASSWORD`, `--requirepass`, `authtoken`. */
const secretEnd =
  /(password|passwd|passphrase|secret|token|masterauth|(db|user|smtp|mail|redis|root|admin|require|auth)pass|(api|access|secret|private|auth|master|encryption|signing|session)keys?)$/;

/** What makes a KEY no secret: `PUBLIC_KEY`, `PRIMARY_KEY`, `STRIPE_PUBLISHABLE_KEY`, `RECAPTCHA_SITE_KEY`. */
const harmlessKeys = setOf(
  'public publishable site primary foreign partition sort routing cache host hot keyboard partitionkey object',
);

/** Before `KEYS` these make them secret; other keys in the plural are columns, caches, fingerprints. */
const secretPlurals = setOf('api secret access private encryption auth signing');

/** Last words that say the value is about a secret, not the secret: a path, a length, an address, a switch. */
const aboutSecrets = setOf(
  `file files path dir directory folder length len size ttl expiry expires expire expiration in validity lifetime timeout age
   enabled enable disabled disable required allowed algorithm algo alg url uri endpoint host hostname port name type kind policy
   header prefix suffix ssl pattern regex format rotation count rounds max min limit interval period minutes seconds hours days
   hasher encryption encoder strategy store storage provider driver backend mode level version issuer audience scope scopes realm user
   username email help hint message label title field column table ip network subnet address cidr domain registry`,
);

/** First words of switches and limits: `ENABLE_TOKEN_AUTH`, `MAX_TOKENS`. */
const switches = setOf('enable disable allow max min num is has use require skip with no');

/** Names that give some reason, and need a value that looks the part. */
const doubtfulWords = setOf(
  `auth authorization key keys cookie session signature sig sign hash seed cert certificate license licence
   private nonce otp totp encryption encrypt crypt connection connectionstring dsn login`,
);

/** Names of what is random and public: digests, commits, identifiers, public keys. */
const publicWords = setOf(
  `public pub pubkey minisign gpg pgp sha sha1 sha224 sha256 sha384 sha512 md5 checksum checksums digest fingerprint integrity
   etag commit revision rev ref vcs version build release image id ids uuid guid uid site publishable`,
);

export function nameSays(name: string): NameSays {
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (isSecret(words, last)) return 'secret';
  if (words.some((word) => word === 'webhook' || word === 'hook')) return 'maybe';
  if (words.some((word) => publicWords.has(word)) || aboutSecrets.has(last)) return 'harmless';
  return words.some((word) => doubtfulWords.has(word)) ? 'maybe' : 'nothing';
}

function isSecret(words: readonly string[], last: string): boolean {
  if (aboutSecrets.has(last) || switches.has(words[0] ?? '')) return false;
  if (last === 'key')
    return !words.slice(0, -1).some((word) => harmlessKeys.has(word) || word === 'gpg' || word === 'pgp');
  if (last === 'keys') return words.some((word) => secretPlurals.has(word));
  if (last === 'salt' || last === 'salts') return true;
  return isPrivateKey(words) || words.some((word) => secretWords.has(word) || secretEnd.test(word));
}

/** `TLS_PRIVATE_KEY_PEM`; the plain `PRIVATE` too. */
const isPrivateKey = (words: readonly string[]): boolean =>
  words.some((word, index) => word === 'private' && (words[index + 1] ?? 'key') === 'key');

/** `DB_PASSWORD`, `dbPassword` and `db.password` are the words db and password; `APIKey` is api and key. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
