import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

const program = `import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 4) as there:
        print('reached' if there.recv(4) == b'SSH-' else 'what answers there is no SSH server')
except OSError as error:
    print(error.strerror or error)`;

/** Whether an SSH server answers at an address: the kernel asks three times in four seconds. */
export const sshServer = (address: string, port: number): Query =>
  query(sh`python3 -c ${program} ${address} ${port} 2>/dev/null || echo 'there is no python3 to ask with'`);

/** What sshd allows by its configuration; nothing where it does not say. Blocks for single users are left out. */
export const sshdSettings = (): Query => query('PATH=$PATH:/usr/sbin:/usr/local/sbin; sshd -T 2>/dev/null || :');

/** Whether nobody may let it listen at a port for him. */
export const forbidsForwarding = (settings: string): boolean =>
  /^(allowtcpforwarding (no|local)|disableforwarding yes)$/m.test(settings);
