import { findGroup } from './aws/group-rules.ts';
import { cidrOf } from './aws/wanted-network.ts';
import type { HostReader } from './host.ts';
import { sshServer } from './queries/reach.ts';
import type { ReadContext } from './step.ts';
import { publicAddress, sshPort } from './target.ts';

/** What the source found at the target's SSH port. */
export interface Reach {
  readonly reached: boolean;
  readonly address: string;
  /** The kernel's words where it was not reached. */
  readonly said: string;
}

/** The answer of a run stays what it is: in the freeze nobody waits for it again. */
const asked = new WeakMap<HostReader, Map<string, Promise<Reach>>>();

/**
 * Whether the source reaches the target; undefined as long as that cannot be known: there is none yet, or the rule that is to
 * let the source in.
 */
export async function readReach(context: ReadContext): Promise<Reach | undefined> {
  const { source, sourceFacts, instance } = context;
  const address = publicAddress(instance);
  if (address === undefined || (await context.target(instance)) === undefined) return undefined;
  const reach = await reachOf(source, address);
  if (reach.reached) return reach;
  const letsIn = (await findGroup(context))?.rules.some(
    ({ port, cidr }) => port === sshPort && cidr === cidrOf(sourceFacts.address),
  );
  if (letsIn) return reach;
  asked.get(source)?.delete(address);
  return undefined;
}

/** The same, wherever the target is, and whatever lets the source in. */
export function reachOf(source: HostReader, address: string): Promise<Reach> {
  const answers = asked.get(source) ?? new Map<string, Promise<Reach>>();
  asked.set(source, answers);
  const answer = answers.get(address) ?? ask(source, address);
  answers.set(address, answer);
  answer.catch(() => answers.delete(address));
  return answer;
}

async function ask(source: HostReader, address: string): Promise<Reach> {
  const said = (await source.read(sshServer(address, sshPort))).trim();
  return { reached: said === 'reached', address, said };
}
