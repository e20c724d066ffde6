import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { armScript, disarmScript, guardToRemove, readGuard, removeGuardScript, renewLease } from '../../src/guard.ts';
import type { HostWriter } from '../../src/host.ts';
import type { Original } from '../../src/origin.ts';
import type { WriteContext } from '../../src/step.ts';
import { localHost } from './local-host.ts';

const policy = (Name: string, MaximumRetryCount = 0) => ({ Name, MaximumRetryCount });
const origin: readonly Original[] = [
  { id: 'db1', name: 'db', running: true, restartPolicy: policy('unless-stopped') },
  { id: 'app2', name: 'app', running: true, restartPolicy: policy('on-failure', 3) },
  { id: 'old3', name: 'old', running: false, restartPolicy: policy('no') },
];

let root: string;
let source: HostWriter;

/** This machine, with the guard's files in a folder of the test's and a docker that only writes down what it is told. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guard-'));
  writeFileSync(join(root, 'docker'), `#!/bin/sh\n[ ! -e ${root}/broken ] || exit 1\necho "$*" >> ${root}/calls\n`);
  chmodSync(join(root, 'docker'), 0o755);
  const { run } = localHost(root);
  const here: HostWriter['run'] = (script, options) =>
    run(
      script
        .replaceAll('/var/lib/ecsodus', root)
        .replaceAll('/etc/systemd/system', root)
        .replaceAll('/run/systemd/system', join(root, 'no-systemd')),
      options,
    );
  source = { run: here, read: ({ script }) => here(script) } as HostWriter;
});

afterEach(() => source.run(removeGuardScript('blog')));

const calls = () => readFileSync(join(root, 'calls'), 'utf8').trimEnd().split('\n');
const silentSince = (seconds: number) => source.run(`echo $(($(date +%s) - ${seconds})) > ${root}/blog/guard/lease`);
const state = () => readGuard(source, 'blog');

describe('the guard', () => {
  it('gives the site back when the operator is silent: policies, then what ran, in order', async () => {
    expect(await state()).toBe('none');
    await source.run(armScript('blog', origin));
    expect(await state()).toBe('armed');
    await silentSince(1);
    await vi.waitFor(async () => expect(await state()).toBe('fired'), 5000);
    expect(calls()).toEqual([
      'update --restart unless-stopped db1',
      'update --restart on-failure:3 app2',
      'update --restart no old3',
      'start db1',
      'start app2',
    ]);
    expect((await source.run(disarmScript('blog'))).trim()).toBe('fired');
  });

  it('does nothing while the operator speaks, and nothing once it is disarmed', async () => {
    await source.run(armScript('blog', origin));
    await silentSince(-1);
    const end = renewLease({ source, config: { name: 'blog' }, signal: new AbortController().signal } as WriteContext);
    await delay(2500);
    end();
    expect(await state()).toBe('armed');
    expect((await source.run(disarmScript('blog'))).trim()).toBe('disarmed');
    await silentSince(100);
    await delay(1500);
    expect(await state()).toBe('disarmed');
    expect(() => calls()).toThrow('no such file');
  });

  it('tries again until Docker answers, as after a reboot', async () => {
    writeFileSync(join(root, 'broken'), '');
    await source.run(armScript('blog', origin));
    await silentSince(1);
    await delay(1500);
    expect(await state()).toBe('armed');
    await source.run(`rm ${root}/broken`);
    await vi.waitFor(async () => expect(await state()).toBe('fired'), 5000);
  });

  it('is one, however often it is armed, and can be armed again after it has fired', async () => {
    for (let times = 0; times < 3; times++) await source.run(armScript('blog', origin));
    await silentSince(1);
    await vi.waitFor(async () => expect(await state()).toBe('fired'), 5000);
    await delay(1200);
    expect(calls().filter((call) => call === 'start db1')).toHaveLength(1);
    await source.run(armScript('blog', origin));
    expect(await state()).toBe('armed');
    await silentSince(1);
    await vi.waitFor(async () => expect(await state()).toBe('fired'), 5000);
  });

  it('leaves nothing behind', async () => {
    await source.run(armScript('blog', origin));
    expect(await guardToRemove(source, 'blog', '')).toHaveLength(1);
    await source.run(removeGuardScript('blog'));
    expect(await guardToRemove(source, 'blog', '')).toEqual([]);
    await vi.waitFor(
      async () => expect(await source.run(`readlink /proc/[0-9]*/cwd | grep -F ${root}/blog || :`)).toBe(''),
      5000,
    );
  });
});
