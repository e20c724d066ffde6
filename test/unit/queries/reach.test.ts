import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { forbidsForwarding, sshdSettings, sshServer } from '../../../src/queries/reach.ts';
import { localHost } from '../local-host.ts';
import { freePort } from '../ssh/private-sshd.ts';

const ask = async (port: number) => (await localHost().read(sshServer('127.0.0.1', port))).trim();

describe('an SSH server at an address', () => {
  it.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', 'reached'],
    ['220 mail.example ESMTP\r\n', 'what answers there is no SSH server'],
  ])('that says %j', async (greeting, answer) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(greeting));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    expect(await ask((server.address() as AddressInfo).port)).toBe(answer);
    server.close();
  });

  it('that is not there', async () => {
    expect(await ask(await freePort())).toBe('Connection refused');
  });

  it('where the host has no python3 that works', async () => {
    const { script } = sshServer('127.0.0.1', 1);
    const said = execFileSync('/bin/sh', ['-c', script], { env: { PATH: '/nowhere' }, encoding: 'utf8' });
    expect(said.trim()).toBe('there is no python3 to ask with');
  });
});

describe('what sshd allows', () => {
  it.each([
    ['port 22\nallowtcpforwarding yes\n', false],
    ['allowtcpforwarding remote\ndisableforwarding no\n', false],
    ['', false],
    ['allowtcpforwarding no\n', true],
    ['x11forwarding no\nallowtcpforwarding local\n', true],
    ['allowtcpforwarding yes\ndisableforwarding yes\n', true],
  ])('%j', (settings, forbids) => {
    expect(forbidsForwarding(settings)).toBe(forbids);
  });

  it('is asked of the sshd that is there', async () => {
    expect(await localHost().read(sshdSettings())).toMatch(/^(allowtcpforwarding \w+$|$)/m);
  });
});
