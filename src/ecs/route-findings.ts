import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { type Call, isStrong, whyCalled } from './calls.ts';
import { dependency } from './evidence.ts';
import { type Allotment, calledPorts, type Reached, rewritesFor, type WantedPorts } from './host-ports.ts';
import { bridgeAddress } from './network-rules.ts';
import { publishedMappings } from './ports.ts';

const subjectOf = ({ caller, callee }: Call): string => `${caller.name}/${callee.name}`;

export function across(call: Call, at: readonly Reached[]): Finding {
  const ports = at.map(({ claim, hostPort }) =>
    hostPort === claim.port ? `${hostPort}` : `${hostPort} in place of ${claim.port}`,
  );
  const variables = [...new Set(at.flatMap(rewritesFor(call)).map(({ variable }) => variable))];
  return {
    level: 'info',
    code: 'call-across',
    subject: subjectOf(call),
    message: [
      `${whyCalled(call)} where no link leads: ${call.names.join(', ')} become ${bridgeAddress} in it, host port ${ports.join(', ')}${at.some(({ isNew }) => isNew) ? ', opened for that on the instance and closed in the security group' : ''}.`,
      ...(variables.length > 0 ? [`The port in ${variables.join(', ')} is changed in its definition.`] : []),
      ...(dependency(call.caller, call.callee) === undefined
        ? []
        : ['ECS starts the two in no order: it must bear to start first.']),
    ].join(' '),
    remedy: 'For another host port see "ports:", for one task of both "workloads:" in ecsodus.yaml.',
  };
}

export function unreachable(call: Call, missing: readonly string[]): Finding {
  const { caller, callee } = call;
  const [called] = calledPorts(call);
  return {
    level: isStrong(call) ? 'blocker' : 'warning',
    code: 'call-unreachable',
    subject: subjectOf(call),
    message: `${whyCalled(call)} where no link leads, and cannot reach ${missing.join('; ')}.`,
    remedy: [
      called === undefined
        ? `Expose the port on the source (--expose, or in the URL that ${caller.name} calls)`
        : `Let ${caller.name} take the port from a variable on the source (then it gets another, or the one that "ports: {${callee.name}: {${called.port}: ${called.port + 1}}}" in ecsodus.yaml says)`,
      'put both into one workload ("workloads:")',
      'or accept this and let ECS Service Connect carry the name afterwards.',
    ].join('; '),
  };
}

/** §7: whether ECS takes one container port on two host ports was never tried. */
export function secondPort(allotment: Allotment): Finding[] {
  const { callee, port, protocol } = allotment.claim;
  const [first] = publishedMappings(callee).filter(
    (each) => each.containerPort === port && each.protocol === protocol && each.hostPort,
  );
  if (allotment.hostPort === undefined || !allotment.isNew || first === undefined) return [];
  return [
    {
      level: 'warning',
      code: 'two-host-ports',
      subject: callee.name,
      message: `Its port ${port} is published at ${first.hostPort}, and now at ${allotment.hostPort} too, for those who called it by name; ECS has not been seen to take two host ports for one.`,
      remedy: `Publish it at ${allotment.hostPort} alone on the source if ECS refuses.`,
    },
  ];
}

/** What `ports:` asks for and does not get. */
export function wishFindings(
  allotted: readonly Allotment[],
  containers: readonly Container[],
  ports: WantedPorts = {},
): Finding[] {
  const wishes = Object.entries(ports).flatMap(([name, each]) =>
    Object.entries(each).map(([port, hostPort]) => ({ name, port: Number(port), hostPort })),
  );
  return wishes.flatMap(({ name, port, hostPort }): Finding[] => {
    const got = allotted.find(({ claim }) => claim.callee.name === name && claim.port === port);
    if (got?.hostPort === hostPort) return [];
    const isThere = containers.some((each) => each.name === name);
    const why = isThere
      ? got === undefined
        ? 'nothing in another workload is seen to call it'
        : 'it cannot be had: taken, reserved, or said by a caller where it cannot be changed'
      : 'no such container is running';
    return [
      {
        level: 'blocker',
        code: 'ports',
        subject: `${name}/${port}`,
        message: `"ports:" wants ${name} to be called at host port ${hostPort} for ${port}, but ${why}.`,
        remedy: 'Mend "ports:" in ecsodus.yaml.',
      },
    ];
  });
}
