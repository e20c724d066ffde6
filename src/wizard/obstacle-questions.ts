import type { Settings } from '../config.ts';
import { isData } from '../ecs/layers.ts';
import type { Finding } from '../finding.ts';
import type { Container, LayerEntry } from '../inventory.ts';
import { bytes } from '../report/units.ts';
import { type AnswerId, answers, flagOf } from './answers.ts';
import type { Choice, Question } from './question.ts';
import type { Sight } from './sight.ts';
import { wrap } from './wrap.ts';

/** Besides answers, what may be said of a blocker. */
export const lookAgain = 'look again';
/** `change leave` asks that question once more. */
export const changing = 'change ';
const leftOpen = 'open';
const accepted = 'accept';

/** What becomes of data that no volume holds, by container. */
export const outsideQuestions = (settings: Settings, sight: Sight): readonly Question[] =>
  containersWithData(settings, sight).map((each) => outsideQuestion(each, settings));

/** What else stands in the way. */
export const blockerQuestions = (settings: Settings, sight: Sight): readonly Question[] =>
  sight.findings
    .filter(({ level, code }) => level === 'blocker' && !outsideCodes.includes(code))
    .map((finding) => blockerQuestion(finding, settings, sight));

const keyOf = ({ code, subject }: Finding): string => `${code}:${subject}`;

/** Those that a choice for the container settles. */
const outsideCodes = ['data-outside-volumes', 'writable-layer'];

function containersWithData({ outsideVolumes = {} }: Settings, { inventory, design }: Sight): readonly Container[] {
  const found = design.findings.filter(({ code, level }) => outsideCodes.includes(code) && level === 'blocker');
  return inventory.containers.filter(
    ({ name }) => found.some(({ subject }) => subject === name) || outsideVolumes[name] !== undefined,
  );
}

function outsideQuestion(container: Container, settings: Settings): Question {
  const { name, layer = [] } = container;
  const data = layer.filter(isData);
  const directory = likelyDirectory(data);
  const earlier = settings.outsideVolumes?.[name];
  const said = earlier && answers.outside.read({ outsideVolumes: { [name]: earlier } })?.slice(name.length + 1);
  const choices: Choice[] = [
    ...(directory === undefined
      ? []
      : [{ value: directory, name: `a volume at ${directory}: it goes on being written there` }]),
    { value: 'commit', name: 'commit: all of it into the image, as it is now' },
    { value: 'ignore', name: 'ignore: it stays behind' },
  ];
  return {
    id: `outside:${name}`,
    flag: `--outside-volumes ${name}=commit|ignore|PATH`,
    title: `outside volumes, ${name}`,
    message: `What becomes of what ${name} wrote outside of its volumes?`,
    reasons: [
      'On ECS it starts from its image, without this:',
      ...data.slice(0, 5).map((entry) => `  ${entry.path}  ${bytes(entry.bytes)}`),
      ...(data.length > 5 ? [`  and ${data.length - 5} more`] : []),
    ],
    choices: choices,
    other: 'a volume elsewhere: an absolute path within the container',
    said,
    // Nothing is left behind, or put into an image, without being asked.
    proposed: undefined,
    answer: (from, text) => {
      const one = answers.outside.write({}, `${name}=${text}`).outsideVolumes;
      return { ...from, outsideVolumes: { ...from.outsideVolumes, ...one } };
    },
  };
}

/** The largest that is a directory, and not one of the roots of the image. */
const likelyDirectory = (data: readonly LayerEntry[]): string | undefined =>
  data.find(({ path, directory }) => directory && path.lastIndexOf('/') > 0)?.path;

/** Which answer settles a blocker. Others are settled on the source or in AWS. */
const settledBy: Readonly<Record<string, readonly AnswerId[]>> = {
  'call-unreachable': ['ports', 'workloads'],
  'disk-too-small': ['disk'],
  'instance-architecture': ['type'],
  'instance-type-not-in-zone': ['type'],
  'instance-type-unknown': ['type'],
  'leave-unknown': ['leave'],
  'left-apart': ['leave'],
  'left-with-data': ['leave'],
  'no-room-for-snapshots': ['snapshot'],
  'resource-cpu': ['type'],
  'resource-gpu': ['type'],
  'resource-memory': ['type'],
  'resource-ports': ['ports', 'leave'],
  'too-many-containers': ['workloads', 'leave'],
  'vcpu-quota': ['type'],
  'workload-twice': ['workloads'],
  'workload-unknown': ['workloads'],
};

function blockerQuestion(finding: Finding, settings: Settings, { inventory }: Sight): Question {
  const key = keyOf(finding);
  const ofContainer = inventory.containers.some(({ name }) => name === finding.subject);
  const ways = settledBy[finding.code] ?? (ofContainer ? (['leave'] as const) : []);
  return {
    id: `accept:${key}`,
    flag: `${flagOf('accept').split(' ')[0]} '${key}'`,
    title: key,
    message: `${key}: what do you do about it?`,
    reasons: [...wrap(finding.message), ...(finding.remedy === undefined ? [] : wrap(`→ ${finding.remedy}`))],
    choices: [
      ...ways.map((id) => ({ value: `${changing}${id}`, name: `change an answer: ${changed[id]}` })),
      { value: lookAgain, name: 'I have seen to it: look again' },
      { value: accepted, name: 'accept it: go on all the same' },
      { value: leftOpen, name: 'leave it open: "ecsodus run" will stop at it' },
    ],
    said: (settings.accept ?? []).includes(key) ? accepted : undefined,
    proposed: undefined,
    answer: (from, text) => {
      const others = (from.accept ?? []).filter((each) => each !== key);
      const accept = text === accepted ? [...others, key] : others;
      return { ...from, accept: accept.length > 0 ? accept : undefined };
    },
  };
}

/** What is changed by asking again. */
const changed: Partial<Record<AnswerId, string>> = {
  disk: 'the size of the disk',
  leave: 'what stays on the droplet',
  ports: 'the ports between tasks',
  snapshot: 'where the copy is kept',
  type: 'the instance type',
  workloads: 'which containers share a task',
};
