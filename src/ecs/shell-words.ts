/** One word of a shell command line. */
export interface ShellWord {
  /** As it is written, quotes included. */
  readonly raw: string;
  /** As the program gets it, save for what the shell puts in for `$` and backquotes. */
  readonly value: string;
  readonly start: number;
}

/** A quoted part, an escaped character, an operator, blanks, or ordinary characters. */
const part = /"(?:[^"\\]|\\[\s\S])*"?|'[^']*'?|\\[\s\S]|\$\(|[;&|()`\n]+|[ \t\r]+|[^"'\\\s;&|()`$]+|[\s\S]/g;
const operator = /^([;&|()`\n]|\$\()/;

/** The simple commands of a command line (between `;`, `&&`, `|`, `$(` and the like), each as its words. */
export function shellCommands(text: string): readonly (readonly ShellWord[])[] {
  const commands: ShellWord[][] = [[]];
  let isOpen = false;
  for (const { 0: piece, index } of text.matchAll(part)) {
    const isBreak = operator.test(piece);
    if (isBreak) commands.push([]);
    if (isBreak || /^\s/.test(piece)) isOpen = false;
    else {
      const words = commands.at(-1) ?? [];
      const { raw, value, start } = (isOpen ? words.pop() : undefined) ?? { raw: '', value: '', start: index };
      words.push({ raw: raw + piece, value: value + unquoted(piece), start });
      isOpen = true;
    }
  }
  return commands;
}

function unquoted(piece: string): string {
  if (piece.startsWith("'")) return piece.replace(/^'|'$/g, '');
  if (piece.startsWith('"')) return piece.replace(/^"|"$/g, '').replace(/\\(["\\$`])/g, '$1');
  return piece.startsWith('\\') ? piece.slice(1) : piece;
}
