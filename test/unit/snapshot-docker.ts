import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Stands in for the docker command, with containers that are a file each: `running`, `paused` or `exited` and an exit code. Writes
 * down what was done to them. `hooks` are lines of shell that run as soon as it is asked for that, before it is done.
 */
export async function standInDocker(
  bin: string,
  containers: readonly string[],
  hooks: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(join(bin, 'states'), { recursive: true });
  for (const name of containers) await writeFile(join(bin, 'states', name), 'running 0');
  const hook = Object.entries(hooks).map(([command, script]) => `"${command} "*) ${script} ;;`);
  await writeFile(
    join(bin, 'docker'),
    `#!/bin/sh
dir=$(dirname "$0")
command=$1
for last do :; done
state=$dir/states/$last
[ "$command" = version ] && exit 0
[ "$command" != exec ] || { echo exec >> "$dir/calls"; [ ! -e "$dir/mute" ]; exit; }
[ -e "$state" ] || exit 1
read -r status code < "$state"
if [ "$command" = inspect ]; then
  running=false; paused=false
  case $status in running) running=true ;; paused) running=true; paused=true ;; esac
  case "$*" in
    *AutoRemove*) echo "$running $paused $([ -e "$state.rm" ] && echo true || echo false)" ;;
    *Paused*) echo $paused ;;
    *ExitCode*) echo "$code" ;;
    *Cmd*) cat "$state.cmd" 2>/dev/null ;;
  esac
  exit 0
fi
echo "$*" | head -n 1 | cut -c -60 >> "$dir/calls"
case "$* " in ${hook.join('\n')} esac
case $command in
  pause) [ "$status" = running ] || exit 1; echo paused 0 > "$state" ;;
  unpause) [ "$status" = paused ] || exit 1; echo running 0 > "$state" ;;
  stop) [ "$status" != running ] || echo "exited \${EXIT_CODE:-0}" > "$state" ;;
  start) echo running 0 > "$state" ;;
esac
`,
  );
  await chmod(join(bin, 'docker'), 0o755);
}

/** What was done to containers, in order. */
export const callsOf = async (bin: string): Promise<string[]> =>
  (await readFile(join(bin, 'calls'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

export const statesOf = async (bin: string, ...names: string[]): Promise<string[]> =>
  Promise.all(names.map(async (name) => (await readFile(join(bin, 'states', name), 'utf8')).split(' ')[0] ?? ''));
