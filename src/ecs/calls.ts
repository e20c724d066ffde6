import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import type { Group } from './grouping.ts';
import { namesFor } from './network-names.ts';

/** One container calls another by these names. */
export interface Call {
  readonly caller: Container;
  readonly callee: Container;
  readonly names: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Who calls whom in a group, without a cycle, and in which order its containers start. */
export interface CallOrder {
  readonly calls: readonly Call[];
  readonly order: readonly Container[];
  readonly findings: readonly Finding[];
}

/** The call from one container to another that the source's configuration shows. */
export function callBetween(caller: Container, callee: Container): Call | undefined {
  const names = namesFor(caller, callee);
  const evidence = names.length === 0 ? [] : evidenceOf(caller, callee, names);
  return evidence.length === 0 ? undefined : { caller, callee, names, evidence };
}

const isStrong = ({ evidence }: Call): boolean => evidence.some(({ strong }) => strong);

/** Links must not form a cycle (§2): sure calls come first, then likely ones as far as they fit. */
export function callsWithin({ name, members }: Group): CallOrder {
  const found = pairs(members).flatMap(([caller, callee]) => callBetween(caller, callee) ?? []);
  const sure = withoutCycles([], found.filter(isStrong));
  const likely = withoutCycles(
    sure.kept,
    found.filter((call) => !isStrong(call)),
  );
  const calls = [...likely.kept, ...fallback(members, likely.kept)];
  const findings = [
    ...sure.refused.map((call) => cycle(name, call)),
    ...likely.refused.map((call) => doubtful(name, call)),
    ...explained(name, members, calls),
  ];
  return { calls, order: startOrder(members, calls), findings };
}

const pairs = (members: readonly Container[]): [Container, Container][] =>
  members.flatMap((caller) =>
    members.filter((callee) => callee !== caller).map((callee): [Container, Container] => [caller, callee]),
  );

function withoutCycles(before: readonly Call[], calls: readonly Call[]): { kept: Call[]; refused: Call[] } {
  const kept = [...before];
  const refused: Call[] = [];
  for (const call of calls) (reaches(call.callee, call.caller, kept) ? refused : kept).push(call);
  return { kept, refused };
}

/** Whether `from` calls `to`, directly or through others. */
function reaches(from: Container, to: Container, calls: readonly Call[], seen = new Set<Container>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return calls.some(({ caller, callee }) => caller === from && reaches(callee, to, calls, seen));
}

/** Nothing is known of a container: it can call whatever was there before it, as on the source. `members` is by age. */
function fallback(members: readonly Container[], calls: readonly Call[]): Call[] {
  const isKnown = (container: Container) =>
    calls.some(({ caller, callee }) => caller === container || callee === container);
  return members.flatMap((caller, index) =>
    isKnown(caller)
      ? []
      : members.slice(0, index).flatMap((callee): Call[] => {
          const names = namesFor(caller, callee);
          return names.length === 0 ? [] : [{ caller, callee, names, evidence: [] }];
        }),
  );
}

/** Callees before callers; otherwise by age. */
function startOrder(members: readonly Container[], calls: readonly Call[]): Container[] {
  const order: Container[] = [];
  const visit = (container: Container): void => {
    if (order.includes(container)) return;
    const callees = calls.filter(({ caller }) => caller === container).map(({ callee }) => callee);
    for (const callee of members.filter((member) => callees.includes(member))) visit(callee);
    order.push(container);
  };
  members.forEach(visit);
  return order;
}

const shownCall = ({ caller, callee, evidence }: Call): string => {
  const reasons = [...new Set(evidence.map(({ where }) => where))].join(', ');
  return `${caller.name} → ${callee.name}${reasons === '' ? '' : ` (${reasons})`}`;
};

const wayOut =
  'Put one of them into a workload of its own ("workloads:" in ecsodus.yaml), with the port it is called at published under the same number.';

const cycle = (subject: string, call: Call): Finding => ({
  level: 'blocker',
  code: 'call-cycle',
  subject,
  message: `Its containers call each other in a circle, which links cannot do; this one closes it: ${shownCall(call)}.`,
  remedy: wayOut,
});

const doubtful = (subject: string, call: Call): Finding => ({
  level: 'warning',
  code: 'call-doubtful',
  subject,
  message: `A word that may be a name is not made a link, since it would close a circle: ${shownCall(call)}.`,
  remedy: `If it is a call: ${wayOut}`,
});

function explained(subject: string, members: readonly Container[], calls: readonly Call[]): Finding[] {
  if (members.length < 2) return [];
  const names = members.map((member) => member.name).join(', ');
  const [shown, guessed] = [
    calls.filter(({ evidence }) => evidence.length > 0),
    calls.filter(({ evidence }) => evidence.length === 0),
  ];
  const message = [
    `One task of ${names}: they share a network or must be together, and end together.`,
    ...(shown.length > 0 ? [`Calls: ${shown.map(shownCall).join('; ')}.`] : []),
    ...(guessed.length > 0
      ? [`No sign of a call, so linked to what was there before: ${guessed.map(shownCall).join('; ')}.`]
      : []),
  ].join(' ');
  return [
    {
      level: 'info',
      code: 'grouped',
      subject,
      message,
      remedy: 'Group them otherwise with "workloads:" in ecsodus.yaml.',
    },
  ];
}
