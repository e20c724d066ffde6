import { spawn } from 'node:child_process';
import type { HostWriter } from '../../src/host.ts';
import { reveal } from '../../src/secret.ts';

/** A host whose scripts are run by this machine's own sh, with `bin` in front of the path for stand-ins. */
export function localHost(bin?: string): Pick<HostWriter, 'name' | 'read' | 'run'> {
  const run: HostWriter['run'] = (script, { input = '', onOutput, signal } = {}) =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, ...(bin && { PATH: `${bin}:${process.env.PATH}` }) };
      const child = spawn('sh', ['-c', script], { env });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => {
        if (onOutput) onOutput(String(chunk));
        else stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      signal?.addEventListener('abort', () => {
        child.kill();
        reject(signal.reason);
      });
      child.on('close', (code) => (code === 0 ? resolve(stdout) : reject(new Error(`exit ${code}: ${stderr}`))));
      child.stdin.on('error', () => {});
      child.stdin.end(reveal(input));
    });
  return { name: 'here', run, read: (query) => run(query.script) };
}
