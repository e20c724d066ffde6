import { stripVTControlCharacters } from 'node:util';

/** Longer lines are hard to read, however wide the terminal is. */
const widest = 100;

/** What a line goes on with stands this much further in than it began. */
const hang = 4;

/** On a terminal, no line wider than it is: cut between words. In a pipe lines stay whole, for programs that look for them. */
export function wrapped(text: string, stream: { readonly isTTY?: boolean; readonly columns?: number }): string {
  if (stream.isTTY !== true || !stream.columns) return text;
  const width = Math.min(stream.columns, widest);
  return text
    .split('\n')
    .flatMap((line) => linesOf(line, width))
    .join('\n');
}

/** Colours take no room. A word that is longer than a line stays whole: it may be there to be copied. */
function linesOf(line: string, width: number): string[] {
  const lengthOf = (part: string) => stripVTControlCharacters(part).length;
  if (lengthOf(line) <= width) return [line];
  const indent = ' '.repeat(line.length - line.trimStart().length + hang);
  const lines: string[] = [];
  let current = '';
  // A word with the blanks before it; a number keeps its unit.
  for (const part of line.match(/ *[^ ]+( [kMGT]?B\b)?/g) ?? []) {
    // A sign is not left alone.
    if (lengthOf(current.trim()) <= 1 || lengthOf(current + part) <= width) current += part;
    else {
      lines.push(current);
      current = indent + part.trimStart();
    }
  }
  return [...lines, current];
}
