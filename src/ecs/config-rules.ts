import { ownMac } from './endpoint-rules.ts';
import { isEmpty, numberOf, recordOf, textOf, textsOf } from './json.ts';
import { redacted } from './redact.ts';
import { looksSecret, redactArguments, secretArguments } from './secrets.ts';
import {
  approximated,
  blocked,
  lost,
  mapped,
  nothing,
  type Rule,
  type Subject,
  type Verdict,
  warning,
} from './verdict.ts';

export const hostname: Rule = (value, { networkMode }) =>
  networkMode === 'host'
    ? [approximated({}, 'on the host’s network it has the name of the machine, which is the instance’s now')]
    : [mapped({ hostname: textOf(value) })];

export const domainname: Rule = () => [
  lost(
    'domainname',
    'ECS has no domain name for a container.',
    'Where the application asks for it, write the full name into "hostname".',
  ),
];

export const user: Rule = (value) => [mapped({ user: textOf(value) })];
export const workingDirectory: Rule = (value) => [mapped({ workingDirectory: textOf(value) })];
export const pseudoTerminal: Rule = () => [mapped({ pseudoTerminal: true })];
export const interactive: Rule = () => [mapped({ interactive: true })];
export const networkDisabled: Rule = () => [mapped({ disableNetworking: true })];
/** §1.1: ECS waits 30 s by default, Docker 10 s: `base` in container-definition.ts writes the 10 out. */
export const stopTimeout: Rule = (value) => [mapped({ stopTimeout: numberOf(value) })];

export const stopSignal: Rule = (value) => [
  lost(
    'stop-signal',
    `It is stopped with ${textOf(value)}, but ECS can only send the image's own stop signal.`,
    `Rebuild the image with "STOPSIGNAL ${textOf(value)}".`,
  ),
];

export const macAddress: Rule = () => [
  lost('mac-address', ownMac, 'Check licences and DHCP entries that know the old address.'),
];

/** Docker adds every published port to the exposed ones; what is left was exposed by `--expose` alone. */
export const exposedPorts: Rule = (value, { imageConfig, host, socketReaders }) => {
  const published = { ...recordOf(imageConfig.ExposedPorts), ...recordOf(host.PortBindings) };
  const extra = Object.keys(recordOf(value)).filter((port) => !(port in published));
  if (extra.length === 0 || host.PublishAllPorts === true) return [nothing('published: HostConfig.PortBindings')];
  const change = `${extra.join(', ')} only informs proxies that read docker.sock; ECS exposes mapped ports alone`;
  return [approximated({}, change, socketReaders.length === 0 ? {} : { finding: notExposed(extra, socketReaders) })];
};

const notExposed = (ports: readonly string[], readers: readonly string[]) =>
  warning(
    'exposed-ports',
    `It exposes ${ports.join(', ')} by --expose, which ECS cannot; ${readers.join(', ')} may read that from docker.sock.`,
    'Say the port to the proxy otherwise (VIRTUAL_PORT, a traefik label), or EXPOSE it in the image.',
  );

/** §1.1 Labels: compose's and ECS's own bookkeeping would lie about a container that ECS started. */
export const labels: Rule = (value, { imageConfig }) => {
  const fromImage = recordOf(imageConfig.Labels);
  const own = Object.entries(recordOf(value)).filter(([name, label]) => fromImage[name] !== label);
  const groups = bookkeepers
    .map((prefix) => [prefix, own.filter(([name]) => name.startsWith(prefix)).map(([name]) => name)] as const)
    .filter(([, names]) => names.length > 0);
  const kept = own.filter(([name]) => !bookkeepers.some((prefix) => name.startsWith(prefix)));
  return [
    ...kept.map(([name, label]) => labelOf(name, textOf(label))),
    ...groups.map(([prefix, names]) => bookkeeping(prefix, names)),
  ];
};

const bookkeepers = ['com.docker.compose.', 'com.amazonaws.ecs.'] as const;

function labelOf(name: string, label: string): Verdict {
  const extra = { at: name, value: redacted(label, name), target: 'dockerLabels' };
  // §5: Traefik asks a container for its address on this network, and on ECS all are on docker0.
  if (/^traefik\.(docker|swarm)\.network$/.test(name) && label !== 'bridge')
    return approximated({ dockerLabels: { [name]: 'bridge' } }, 'bridge: the one network there is on ECS', extra);
  const piece = { dockerLabels: { [name]: label } };
  return looksSecret(name, label) ? mapped(piece, { ...extra, finding: secretLabel(name) }) : mapped(piece, extra);
}

const secretLabel = (name: string) =>
  warning(
    'secret-label',
    `Its label ${name} looks secret and stands in the task definition for everyone who may read it.`,
    'Let whoever reads the label take the value from elsewhere; ECS has no secret labels.',
  );

const bookkeeping = (prefix: string, names: readonly string[]): Verdict =>
  approximated({}, 'left out: ECS starts the container now, and puts its own labels on it', {
    at: `${prefix}*`,
    value: names.join(', '),
  });

/**
 * §1.1, "Entrypoint/Cmd rule". Docker takes the image's Cmd only when neither is set, and setting an entry point stops
 * that inheritance; so whoever changes the entry point writes both out.
 */
export const entrypoint: Rule = (value, { config }) => {
  const own = textsOf(value).filter((part, index) => index > 0 || part !== '');
  const command = textsOf(config.Cmd);
  const given = textsOf(value);
  if (own.length > 0) return [process({ entryPoint: own, ...(command.length > 0 && { command }) }, given)];
  const [first, ...rest] = command;
  if (first !== undefined) return [process({ entryPoint: [first], ...(rest.length > 0 && { command: rest }) }, given)];
  return [
    blocked(
      'no-command',
      'It has neither an entry point nor a command.',
      'Look at "docker inspect": it cannot start like this.',
    ),
  ];
};

export const command: Rule = (value, subject) => {
  const args = textsOf(value);
  if (!entrypointIsInherited(subject)) return [nothing('with Config.Entrypoint', { value: redactArguments(args) })];
  if (args.length > 0) return [process({ command: args }, args)];
  return [process({ entryPoint: textsOf(subject.config.Entrypoint) }, args)];
};

const entrypointIsInherited = ({ config, imageConfig }: Subject): boolean =>
  (isEmpty(config.Entrypoint) && isEmpty(imageConfig.Entrypoint)) ||
  textsOf(config.Entrypoint).join('\0') === textsOf(imageConfig.Entrypoint).join('\0');

/** What starts it; `given` is the setting itself. */
function process(part: { entryPoint?: string[]; command?: string[] }, given: readonly string[]): Verdict {
  const args = [...(part.entryPoint ?? []), ...(part.command ?? [])];
  const extra = { value: redactArguments(given), target: Object.keys(part).join(', ') };
  return secretArguments(args).length === 0
    ? mapped(part, extra)
    : mapped(part, { ...extra, finding: secretInCommand });
}

const secretInCommand = warning(
  'secret-in-command',
  'An argument of its command looks secret and stands in the task definition as it is.',
  'Let the application read it from its environment; that can go to SSM Parameter Store.',
);
