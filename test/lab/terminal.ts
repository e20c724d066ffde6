import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { quote } from '../../src/shell.ts';
import { attempt, run } from './command.ts';
import type { Operator } from './operator.ts';

/** A real terminal of 80 columns, in tmux: keys go in, and what is seen on it comes out. */
export interface Terminal {
  /** Keys by tmux's names: `Enter`, `Down`, `Escape`, `C-c`. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  readonly type: (text: string) => Promise<void>;
  /** Waits until it is on the screen. Returns all that was ever shown. */
  readonly sees: (what: RegExp) => Promise<string>;
  /** All that was ever shown, lines that were wrapped by the terminal as one. */
  readonly shown: () => Promise<string>;
  /** The same with the colours. */
  readonly painted: () => Promise<string>;
  readonly close: () => Promise<void>;
}

let opened = 0;

/** Runs the command in it; `exit CODE` is shown when it has ended. */
export async function openTerminal(
  { directory, env }: Pick<Operator, 'directory' | 'env'>,
  argv: readonly string[],
): Promise<Terminal> {
  const socket = join(directory, `terminal-${opened++}`);
  const tmux = (...words: readonly string[]) => run(['tmux', '-u', '-S', socket, '-f', '/dev/null', ...words], { env });
  const command = `${argv.map(quote).join(' ')}; echo "exit $?"; sleep 1000`;
  await tmux('new-session', '-d', '-x', '80', '-y', '40', '-c', directory, 'sh', '-c', command);
  const shown = () => tmux('capture-pane', '-pJ', '-S', '-');
  return {
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    type: async (text) => void (await tmux('send-keys', '-l', text)),
    sees: async (what) => {
      for (const end = Date.now() + 20_000; Date.now() < end; await delay(50))
        if (what.test(await tmux('capture-pane', '-p'))) return shown();
      throw new Error(`not seen: ${what}\n${await shown()}`);
    },
    shown,
    painted: () => tmux('capture-pane', '-pe', '-S', '-'),
    close: async () => void (await attempt(['tmux', '-S', socket, 'kill-server'])),
  };
}
