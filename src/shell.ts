const plain = /^[A-Za-z0-9_@%+:,./-]+$/;

/**
 * One word of a POSIX shell, whatever is in it. The only place where anything is quoted. A NUL cannot be passed to a
 * program at all and is a bug in the caller.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a shell word cannot hold a NUL byte');
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Script text that is already quoted, for use inside `sh`. */
export interface Raw {
  readonly raw: string;
}

export const raw = (text: string): Raw => ({ raw: text });

type Value = string | number | readonly string[] | Raw;

/**
 * A shell script in which every interpolated value is quoted; a list becomes words. Backslashes reach the shell as they
 * are written, except that \` and \${ stand for ` and ${.
 */
export function sh(template: TemplateStringsArray, ...values: readonly Value[]): string {
  const texts = template.raw.map((text) => text.replace(/\\(`|\$\{)/g, '$1'));
  return texts.map((text, index) => (index === 0 ? text : render(values[index - 1] as Value) + text)).join('');
}

function render(value: Value): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quote(value);
  return 'raw' in value ? value.raw : value.map(quote).join(' ');
}
