import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MigrationError, messageOf } from './errors.ts';
import { slots } from './slots.ts';
import { makePrivate } from './state.ts';
import type { Change } from './step.ts';

const version = 1;
const change = z.looseObject({ id: z.string(), verb: z.string(), target: z.string(), reason: z.string() });
const stamp = { v: z.literal(version), at: z.string(), migration: z.string(), step: z.string(), id: z.string() };
const entry = z.discriminatedUnion('kind', [
  z.object({ ...stamp, kind: z.literal('begin'), change }),
  z.object({ ...stamp, kind: z.literal('done'), adopted: z.boolean().optional() }),
  z.object({ ...stamp, kind: z.literal('failed'), message: z.string() }),
]);

export type JournalEntry = z.output<typeof entry>;

/** What was tried, in order. It explains; the world decides. */
export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** Durable before it returns: no effect starts before its `begin` is on the disk. */
  readonly begin: (step: string, change: Change) => Promise<void>;
  readonly done: (step: string, id: string, options?: { readonly adopted: boolean }) => Promise<void>;
  readonly failed: (step: string, id: string, message: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The journal's entries, oldest first; none where there is no journal. A torn last line is left out. */
export async function readJournal(directory: string, migration: string): Promise<readonly JournalEntry[]> {
  return (await load(join(directory, 'journal.jsonl'), migration)).entries;
}

/** Opens the journal for one run. A torn last line (a crash in mid-write) is cut off first. */
export async function openJournal(directory: string, migration: string, now: () => Date): Promise<Journal> {
  await makePrivate(directory);
  const path = join(directory, 'journal.jsonl');
  const { entries, wholeBytes } = await load(path, migration);
  const file = await open(path, 'a', 0o600).catch((cause: unknown) => {
    throw new MigrationError('state-unwritable', `Cannot write ${path}: ${messageOf(cause)}`, {
      hint: 'Make it writable, or name another folder with --state-dir DIR.',
      cause,
    });
  });
  await truncate(path, wholeBytes);
  const all = [...entries];
  const one = slots(1);
  const write = (body: object) =>
    one(async () => {
      const line = { v: version, at: now().toISOString(), migration, ...body } as JournalEntry;
      await append(file, JSON.stringify(line));
      all.push(line);
    });
  return {
    entries: all,
    begin: (step, item) => write({ step, id: item.id, kind: 'begin', change: item }),
    done: (step, id, options) => write({ step, id, kind: 'done', ...options }),
    failed: (step, id, message) => write({ step, id, kind: 'failed', message }),
    close: () => file.close(),
  };
}

/** Changes that were begun and never ended: in doubt until the world is looked at. */
export function inDoubt(entries: readonly JournalEntry[]): readonly { step: string; id: string }[] {
  const open = new Map<string, { step: string; id: string }>();
  for (const { kind, step, id } of entries) {
    if (kind === 'begin') open.set(`${step} ${id}`, { step, id });
    else open.delete(`${step} ${id}`);
  }
  return [...open.values()];
}

async function append(file: FileHandle, line: string): Promise<void> {
  try {
    await file.appendFile(`${line}\n`);
    await file.datasync();
  } catch (cause) {
    throw new MigrationError('state-unwritable', `Cannot write the journal: ${messageOf(cause)}`, {
      hint: 'Make room on this disk, then run the same command again.',
      cause,
    });
  }
}

async function load(path: string, migration: string): Promise<{ entries: JournalEntry[]; wholeBytes: number }> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw new MigrationError('state-unreadable', `Cannot read ${path}: ${error.message}`, {
      hint: `Look at its owner and mode: ls -la ${path}`,
      cause: error,
    });
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').slice(0, -1);
  const entries = lines.map((line, index) => parseLine(line, `${path}:${index + 1}`, migration));
  return { entries, wholeBytes: Buffer.byteLength(whole) };
}

function parseLine(line: string, where: string, migration: string): JournalEntry {
  const raw = parseJson(line);
  const written = (raw as { v?: unknown } | undefined)?.v;
  if (typeof written === 'number' && written > version) {
    throw new MigrationError(
      'journal-version',
      `${where} was written by a newer ecsodus (journal version ${written}).`,
      {
        hint: 'Use that version, or a newer one: npm install -g ecsodus@latest',
      },
    );
  }
  const result = entry.safeParse(raw);
  if (!result.success) {
    throw new MigrationError('journal-damaged', `${where} is not a journal entry.`, {
      hint: 'Move the file away and run again: what was made is found again by name and tag.',
    });
  }
  if (result.data.migration !== migration) {
    throw new MigrationError(
      'journal-foreign',
      `${where} belongs to the migration "${result.data.migration}", not "${migration}".`,
      {
        hint: 'Name the right folder with --state-dir DIR, or mend "name" in ecsodus.yaml.',
      },
    );
  }
  return result.data;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
