/** Lines of at most `width` characters; `indent` before each but the first. */
export function wrap(text: string, indent = '  ', width = 78): string[] {
  const lines = [''];
  const lead = /^ */.exec(text)?.[0] ?? '';
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1) ?? '';
    const begun = last === '' ? `${lead}${word}` : `${last} ${word}`;
    if (begun.length <= width || last === '') lines[lines.length - 1] = begun;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}
