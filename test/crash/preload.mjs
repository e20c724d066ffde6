/*
 * Kills the command it is loaded into at the journal's boundaries: right after a `begin` is durable, right before a
 * `done` is written. Loaded by `node --import`, so that the code that is tried has nothing of it. Plain JavaScript: the
 * built command runs without tsx.
 *
 * ECSODUS_CRASH says what is to be done (test/crash/until-done.ts): `record` is the file that lists the boundaries that
 * were seen, `chosen` which of them kill, `random` the next kill at a moment of no meaning.
 */
import { closeSync, fsyncSync, openSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';

const { record, chosen, random } = JSON.parse(process.env.ECSODUS_CRASH ?? '');
const seen = new Set(
  readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .flatMap(({ at, random: moment }) => (moment ? [] : [at])),
);

/** On the disk before the kill: a boundary that kills twice would never let anybody pass. */
function note(line) {
  const file = openSync(record, 'a', 0o600);
  writeSync(file, `${JSON.stringify(line)}\n`);
  fsyncSync(file);
  closeSync(file);
}

function die(line) {
  note({ ...line, killed: true });
  process.kill(process.pid, 'SIGKILL');
}

function pass(at) {
  if (seen.has(at)) return;
  const index = seen.size;
  seen.add(at);
  if (chosen === 'all' || chosen.includes(index) || chosen.includes(at)) die({ at });
  note({ at, killed: false });
}

let last = 'start';
function dieLater() {
  setTimeout(() => die({ at: `${random.ms} ms after ${last}`, random: true }), random.ms).unref();
}
if (random?.after === 'start') dieLater();

const probe = await open('/dev/null');
const prototype = Object.getPrototypeOf(probe);
await probe.close();
const { appendFile, datasync } = prototype;
const begun = new WeakMap();

const boundaryOf = (file, text) => {
  if (typeof text !== 'string' || !readlinkSync(`/proc/self/fd/${file.fd}`).endsWith('/journal.jsonl'))
    return undefined;
  const { kind, step, id } = JSON.parse(text);
  return { kind, at: `${kind} ${step} ${id}` };
};

prototype.appendFile = async function (text, ...rest) {
  const boundary = boundaryOf(this, text);
  if (boundary?.kind === 'done') pass(boundary.at);
  await appendFile.call(this, text, ...rest);
  if (boundary?.kind === 'begin') begun.set(this, boundary.at);
};

prototype.datasync = async function () {
  await datasync.call(this);
  const at = begun.get(this);
  if (at === undefined) return;
  begun.delete(this);
  pass(at);
  // Here the change's own work begins, or that of the others made together with it.
  if (random?.after === 'begin' && last === 'start') {
    last = at;
    dieLater();
  }
};
