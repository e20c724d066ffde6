/** One word of the letters that keys and tokens are written in. */
const oneWord = /^[A-Za-z0-9+/_=-]+$/;

/** Bits per character (Shannon), by the characters of the text itself: at most log2 of its length. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}

const kindOf = (character: string): string =>
  /[a-z]/.test(character) ? 'a' : /[A-Z]/.test(character) ? 'A' : /\d/.test(character) ? '0' : '';

/**
 * How often neighbours differ in kind (lower case, upper case, digit), 0 to 1. Chance gives 0.6 for base 62 and 0.4 for
 * lower case with digits; words in camelCase, versions and dates stay below 0.3. Neighbours of a separator do not count.
 */
function mixOf(text: string): number {
  const kinds = [...text].map(kindOf);
  const changes = kinds.filter(
    (kind, index) => index > 0 && kind !== '' && kinds[index - 1] !== '' && kind !== kinds[index - 1],
  );
  return changes.length / Math.max(1, text.length - 1);
}

/** Paths, integrity hashes (`sha512-…`) and public keys of SSH are written in the same letters. */
const isOther = (text: string): boolean => /^(\.{0,2}\/|sha\d+-|AAAA)/.test(text);

/**
 * A key or token by its looks alone: at least 24 characters with lower case, upper case and digits, 4 bits each, kinds mixed
 * (0.4); or at least 32 of one case with digits, 4 bits each, mixed 0.28. Never hexadecimal: that is how checksums, commits,
 * container ids and UUIDs are written. Never base64 of plain text.
 */
export function looksRandom(text: string): boolean {
  if (!oneWord.test(text) || isOther(text) || isHex(text) || plainTextIn(text) !== undefined) return false;
  if (!/\d/.test(text)) return false;
  const [entropy, mix] = [entropyOf(text), mixOf(text)];
  if (/[a-z]/.test(text) && /[A-Z]/.test(text)) return text.length >= 24 && entropy >= 4 && mix >= 0.4;
  return text.length >= 32 && entropy >= 4 && mix >= 0.28;
}

/** Where a name gives some reason: at least 16 characters, letters and digits mixed (0.25) at 3 bits; or 32 hexadecimal ones. */
export function looksLikeKey(text: string): boolean {
  if (!oneWord.test(text) || isOther(text)) return false;
  if (isHex(text)) return text.length >= 32;
  return text.length >= 16 && /\d/.test(text) && /[A-Za-z]/.test(text) && entropyOf(text) >= 3 && mixOf(text) >= 0.25;
}

const isHex = (text: string): boolean => /^(0x)?([0-9a-f-]+|[0-9A-F-]+)$/.test(text);

/** The text that base64 stands for; undefined where it stands for bytes, or is no base64. */
export function plainTextIn(base64: string): string | undefined {
  if (base64.length < 8 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const text = Buffer.from(base64, 'base64').toString('latin1');
  return /^[\t\n\r\x20-\x7e]+$/.test(text) ? text : undefined;
}
