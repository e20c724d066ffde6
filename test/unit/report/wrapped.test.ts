import { stripVTControlCharacters, styleText } from 'node:util';
import { describe, expect, test } from 'vitest';
import { wrapped } from '../../../src/report/wrapped.ts';

const on = (columns: number) => ({ isTTY: true, columns });

describe('text for a terminal', () => {
  test.each([
    ['what fits', 'short\n\n  + also', 20, 'short\n\n  + also'],
    ['goes on further in', '  + one two three four', 14, '  + one two\n      three\n      four'],
    ['a number keeps its unit', '  → /data/db 188 MB', 17, '  → /data/db\n      188 MB'],
    ['wide gaps stay, but for the one at the end', '  + one  two  three', 12, '  + one  two\n      three'],
    ['a long word stays whole', '  → 0123456789.example/image  why', 16, '  → 0123456789.example/image\n      why'],
    [
      'wide terminals',
      `${'word '.repeat(40)}end`,
      300,
      `${'word '.repeat(20).trimEnd()}\n${`    ${'word '.repeat(19).trimEnd()}`}\n    word end`,
    ],
  ])('%s', (_, text, columns, expected) => {
    expect(wrapped(text, on(columns))).toBe(expected);
  });

  test('colours take no room', () => {
    const dim = styleText('dim', '  one two three four five', { validateStream: false });
    expect(stripVTControlCharacters(wrapped(`  + it${dim}`, on(20)))).toBe(
      '  + it  one two\n      three four\n      five',
    );
  });

  test.each([{}, { isTTY: false, columns: 10 }, { isTTY: true, columns: 0 }])('not in %j', (stream) => {
    expect(wrapped('one two three four five', stream)).toBe('one two three four five');
  });
});
