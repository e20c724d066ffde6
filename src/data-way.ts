import type { Config } from './config.ts';
import { dataKey } from './data-key.ts';
import type { Finding } from './finding.ts';
import type { HostWriter } from './host.ts';
import { forbidsForwarding, sshdSettings } from './queries/reach.ts';
import { type Reach, reachOf, readReach } from './reach.ts';
import { sh } from './shell.ts';
import type { ReadContext, WriteContext } from './step.ts';
import { publicAddress, requireTarget, sshPort } from './target.ts';
import { allowForwarding, openTunnel } from './tunnel.ts';

/** How the data goes from source to target, and back: as they reach one another, or through this machine. */
type DataWay = 'straight' | 'tunnel';

/** The way that is taken; undefined as long as it is not known. */
export const wayOf = (setting: Config['dataWay'], reach: Reach | undefined): DataWay | undefined => {
  if (setting !== 'auto') return setting;
  return reach && (reach.reached ? 'straight' : 'tunnel');
};

/** Which way the data will go, and why; nothing where there is none. */
export async function dataWayFindings(context: ReadContext): Promise<Finding[]> {
  const { source, config, design } = context;
  if (design.datasets.length === 0) return [];
  const reach = await readReach(context);
  const isTunnel = wayOf(config.dataWay, reach) === 'tunnel';
  const isForbidden = isTunnel && forbidsForwarding(await source.read(sshdSettings()));
  return [wayFinding(config.dataWay, reach, source.name), ...(isForbidden ? [forbidden(source.name)] : [])];
}

export function wayFinding(setting: Config['dataWay'], reach: Reach | undefined, source: string): Finding {
  const way = wayOf(setting, reach);
  const chosen = setting === 'auto' ? [] : ['"dataWay" in ecsodus.yaml says so'];
  const seen =
    reach === undefined
      ? []
      : [
          reach.reached
            ? `${source} reaches port ${sshPort} of ${reach.address}`
            : `${source} does not reach port ${sshPort} of ${reach.address} (${reach.said})`,
        ];
  const why = [...chosen, ...seen].join('; ');
  const about = { code: 'data-way', subject: source } as const;
  if (way === undefined)
    return {
      ...about,
      level: 'info',
      message: `The data goes straight from ${source} to the target if that can be reached from there, and else through this machine.`,
    };
  if (way === 'tunnel')
    return {
      ...about,
      level: 'info',
      message: `The data goes through this machine: ${why}.`,
      remedy: 'Keep it awake and connected until verify: every byte comes in and goes out again.',
    };
  const message = `The data goes straight from ${source} to the target: ${why}.`;
  if (reach?.reached !== false) return { ...about, level: 'info', message };
  return { ...about, level: 'warning', message, remedy: 'Let it through, or leave "dataWay" out.' };
}

const forbidden = (host: string): Finding => ({
  level: 'blocker',
  code: 'forwarding-forbidden',
  subject: host,
  message: `The data is to go through this machine, and sshd on ${host} lets nobody forward a port.`,
  remedy: `${allowForwarding(host)} Or let ${host} reach port ${sshPort} of the target.`,
});

/** By source: one tunnel serves all copies of a run. */
const tunnels = new WeakMap<HostWriter, Promise<void>>();

/**
 * Makes the way ready for what the source starts from now on, and for a copy that an earlier run left behind: ssh on the source
 * looks up at each start where the target is.
 */
export async function openWay(context: WriteContext): Promise<void> {
  const { source, config, instance, progress } = context;
  const address = publicAddress(instance);
  if (address === undefined) return;
  const reach = config.dataWay === 'auto' ? await reachOf(source, address) : undefined;
  if (wayOf(config.dataWay, reach) === 'straight') return void (await source.run(routeScript(config.name, '')));
  if (!tunnels.has(source)) progress({ message: 'opening a tunnel through this machine' });
  const opening = tunnels.get(source) ?? openTunnel(tunnelOf(context));
  tunnels.set(source, opening);
  await opening;
}

const tunnelOf = (context: WriteContext) => ({
  host: context.source,
  openEnd: async () => (await requireTarget(context)).openPort(sshPort),
  onPort: (port: number) => context.source.run(routeScript(context.config.name, `HostName 127.0.0.1\nPort ${port}\n`)),
});

/** An ssh_config for all that the source starts: without a word in it, the target is where its address says. */
const routeScript = (migration: string, text: string): string => sh`printf %s ${text} > ${dataKey(migration).route}`;
