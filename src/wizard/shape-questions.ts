import { neededDiskGib, wantedDiskGib } from '../aws/disk-size.ts';
import type { Settings } from '../config.ts';
import { publicPorts } from '../design.ts';
import { fittingTypes, totalNeeds } from '../ecs/instance-choice.ts';
import { part } from '../ecs/staying.ts';
import type { Finding } from '../finding.ts';
import { bytes, count } from '../report/units.ts';
import { noRoom } from '../snapshot-findings.ts';
import { answers, unset } from './answers.ts';
import { containersTable } from './containers-table.ts';
import { type Question, question } from './question.ts';
import type { Sight } from './sight.ts';
import { wrap } from './wrap.ts';

/** What moves, and what it becomes: each with a proposal, and its reason. */
export const shapeQuestions = (settings: Settings, sight: Sight): readonly Question[] => [
  leaveQuestion(settings, sight),
  workloadsQuestion(settings, sight),
  ...routeQuestions(settings, sight),
  question('checks', settings, {
    title: 'pages compared',
    message: 'Pages that must answer the same afterwards (URLs, with commas between):',
    reasons: ['They are asked of the droplet and of the instance, by their host name, before DNS knows of it.'],
    proposed: 'none',
  }),
  typeQuestion(settings, sight),
  diskQuestion(settings, sight),
  secretsQuestion(settings, sight),
  snapshotQuestion(settings, sight),
];

function leaveQuestion(settings: Settings, { inventory }: Sight): Question {
  const { watchers } = part(inventory.containers);
  const { heading, rows } = containersTable(
    inventory.containers.filter((each) => !watchers.includes(each)),
    inventory,
  );
  return question('leave', settings, {
    title: 'stays on the droplet',
    message: 'What is to move? What is not ticked stays on the droplet.',
    reasons: watchers.map(({ name }) => `${name} starts other containers by itself: it is not moved.`),
    choices: rows.map(({ container, line, details }) => ({
      value: container,
      name: line,
      description: wrap(details, '').join('\n'),
    })),
    columns: heading,
    proposed: 'none',
  });
}

function workloadsQuestion(settings: Settings, { design }: Sight): Question {
  const { workloads } = design;
  const drawn = workloads.map(({ name, containers, why }) => `${name}: ${containers.join(', ')} (${why.join('; ')})`);
  return question('workloads', settings, {
    title: 'task definitions',
    message: 'Which containers become one task, started and stopped together?',
    reasons: drawn,
    choices: [{ value: unset, name: 'as shown' }],
    other: 'otherwise: name=container+container,…',
    draft: answers.workloads.read({
      workloads: Object.fromEntries(workloads.map(({ name, containers }) => [name, [...containers]])),
    }),
    proposed: unset,
  });
}

/** Who reaches whom: workloads one another, and visitors the instance. */
function routeQuestions(settings: Settings, { design, sourceFacts }: Sight): readonly Question[] {
  const across = design.findings.filter(({ code }) => code === 'call-across');
  const open = publicPorts(design.workloads);
  const ports = `${open.length === 1 ? 'Port' : 'Ports'} ${open.join(', ')}`;
  return [
    ...(across.length === 0 && settings.ports === undefined ? [] : [portsQuestion(settings, across)]),
    question('forward', settings, {
      title: 'visitors sent on',
      message: `Does ${sourceFacts.hostname} send its visitors on to the instance after cut-over?`,
      reasons: [
        open.length === 0
          ? 'Nothing is published to the world.'
          : `${ports} will be open to the world on the instance. Until DNS leads there, visitors come to the droplet.`,
      ],
      choices: [
        { value: 'yes', name: 'yes, until "ecsodus finish"' },
        { value: 'no', name: 'no, they find nothing there' },
      ],
      proposed: 'yes',
    }),
  ];
}

const portsQuestion = (settings: Settings, across: readonly Finding[]): Question =>
  question('ports', settings, {
    title: 'ports between tasks',
    message: 'At which ports of the instance do workloads reach one another?',
    reasons: across.map(({ message }) => message),
    choices: [{ value: unset, name: 'as shown' }],
    other: 'otherwise: container:port=host port,…',
    proposed: unset,
  });

function typeQuestion(settings: Settings, { design, sourceFacts }: Sight): Question {
  const needs = totalNeeds(design.workloads);
  const types = fittingTypes(needs).slice(0, 5);
  const gib = Math.round(sourceFacts.memoryBytes / 1024 ** 3);
  const source = `The droplet has ${count(sourceFacts.cpus, 'processor')} and ${gib} GiB.`;
  const first = types[0];
  const smallest =
    first === undefined ? 'No type that ecsodus knows holds that.' : `${first.name} is the smallest that holds that.`;
  return question('type', settings, {
    title: 'instance type',
    message: 'Which EC2 instance type?',
    reasons: [
      `The workloads reserve ${needs.memoryMib} MiB of memory and ${needs.cpuUnits} CPU units (1024 to a processor). ${smallest} ${source}`,
    ],
    choices: types.map(({ name, vcpus, memoryMib }) => ({
      value: name,
      name: `${name}: ${count(vcpus, 'vCPU')}, ${memoryMib / 1024} GiB`,
    })),
    other: 'another type (x86_64)',
    proposed: first?.name,
  });
}

function diskQuestion(settings: Settings, { design }: Sight): Question {
  const data = design.datasets.reduce((sum, dataset) => sum + dataset.bytes, 0);
  return question('disk', settings, {
    title: 'data disk, GiB',
    message: 'How large is the data disk, in GiB?',
    reasons: [
      `The data is ${bytes(data)}: proposed is twice that, at least 8 GiB. ${neededDiskGib(design.datasets)} GiB would hold it. It can be made larger later, not smaller.`,
    ],
    proposed: String(wantedDiskGib(design.datasets)),
  });
}

function secretsQuestion(settings: Settings, { design }: Sight): Question {
  const found = design.workloads.flatMap(({ secrets }) => secrets.map((each) => `${each.container} ${each.variable}`));
  const shown = [...found.slice(0, 6), ...(found.length > 6 ? [`${found.length - 6} more`] : [])].join(', ');
  const seen = found.length === 1 ? '1 value looks secret' : `${found.length} values look secret`;
  return question('secrets', settings, {
    title: 'secrets',
    message: 'Where do values go that look secret?',
    reasons: [found.length === 0 ? 'Proposed is what costs nothing.' : `${seen}: ${shown}.`],
    choices: [
      { value: 'ssm', name: 'ssm: SSM Parameter Store, encrypted, free of charge' },
      { value: 'secrets-manager', name: 'secrets-manager: AWS Secrets Manager, some cost each' },
      { value: 'plain', name: 'plain: they stay in the task definition, for all to read' },
    ],
    proposed: 'ssm',
  });
}

function snapshotQuestion(settings: Settings, { design, sourceFacts }: Sight): Question {
  const fits = noRoom(design.datasets, sourceFacts).length === 0;
  const data = design.datasets.reduce((sum, dataset) => sum + dataset.bytes, 0);
  const proposed = fits ? 'local' : 'ebs';
  return question('snapshot', settings, {
    title: 'snapshot first',
    message: 'Where is a copy of the data kept, before anything else is touched?',
    reasons: [
      `A copy needs ${bytes(data)}; ${bytes(sourceFacts.freeBytes)} are free on the droplet, ${fits ? 'which is enough' : 'which is not enough'}.`,
    ],
    choices: [
      { value: 'local', name: 'local: on the droplet' },
      { value: 'ebs', name: 'ebs: an EBS snapshot, once the data is on the new disk' },
      { value: 'none', name: 'none: the droplet’s own data is all there is' },
    ],
    proposed,
  });
}
