import { readFile } from 'node:fs/promises';
import type { Json } from '../docker/docker.ts';
import { MigrationError, messageOf } from '../errors.ts';

/** One of the files an offline plan is made from. */
export interface SavedFile {
  readonly path: string;
  /** The flag that named it. */
  readonly flag: string;
  /** How it is made where Docker runs. */
  readonly made: string;
}

/** The JSON objects in a file, out of their arrays: one document, several after one another, or one a line. */
export async function readDocuments(file: SavedFile): Promise<Json[]> {
  const text = await readSaved(file);
  if (text.trim() === '') throw unusable(file, 'input-empty', 'is empty');
  const values = parseDocuments(text, file).flatMap((value) => (Array.isArray(value) ? value : [value]));
  const odd = values.findIndex((value) => typeof value !== 'object' || value === null || Array.isArray(value));
  if (odd >= 0) throw unusable(file, 'input-kind', `has no object at position ${odd + 1}`);
  return values as Json[];
}

async function readSaved(file: SavedFile): Promise<string> {
  try {
    return decode(await readFile(file.path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw missing(file, cause);
    if (code === 'EISDIR') throw unusable(file, 'input-unreadable', 'is a directory', cause);
    throw unusable(file, 'input-unreadable', `cannot be read (${messageOf(cause)})`, cause);
  }
}

/** A redirection in PowerShell writes UTF-16 with a byte order mark. */
function decode(raw: Buffer): string {
  const isUtf16 = raw[0] === 0xff && raw[1] === 0xfe;
  return raw.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
}

function parseDocuments(text: string, file: SavedFile): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return documentRanges(text, file).map(([start, end]) => parseRange(text, start, end, file));
  }
}

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|[^\s[\]{}"]+|"/gs;
const steps: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/** Where each top-level object or array begins and ends. */
function documentRanges(text: string, file: SavedFile): [number, number][] {
  const ranges: [number, number][] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: word, index } of text.matchAll(token)) {
    const step = steps[word] ?? 0;
    if (depth === 0 && step !== 1) throw notJson(text, index, file);
    if (depth === 0) start = index;
    depth += step;
    if (depth === 0) ranges.push([start, index + 1]);
  }
  if (depth > 0) throw unusable(file, 'input-truncated', `is cut off: its JSON does not end (line ${lineOf(text)})`);
  return ranges;
}

function parseRange(text: string, start: number, end: number, file: SavedFile): unknown {
  try {
    return JSON.parse(text.slice(start, end));
  } catch (error) {
    // The engine's own message would quote the file, which may hold a password.
    const [, offset = '0'] = /position (\d+)/.exec(messageOf(error)) ?? [];
    throw notJson(text, start + Number(offset), file);
  }
}

const lineOf = (text: string, offset = text.length): number => text.slice(0, offset).trimEnd().split('\n').length;

const notJson = (text: string, offset: number, file: SavedFile): MigrationError =>
  unusable(file, 'input-not-json', `is not JSON (line ${lineOf(text, offset + 1)})`);

const missing = (file: SavedFile, cause: unknown): MigrationError =>
  new MigrationError('input-missing', `There is no ${file.path} to read (${file.flag}).`, {
    hint: madeBy(file),
    cause,
  });

/** What a file is instead of what its flag asks for, and how to make that. */
export const unusable = (file: SavedFile, code: string, is: string, cause?: unknown): MigrationError =>
  new MigrationError(code, `${file.path} ${is} (${file.flag}).`, { hint: madeBy(file), cause });

const madeBy = ({ made, flag }: SavedFile): string => `Save it where Docker runs, and name it with ${flag}: ${made}`;
