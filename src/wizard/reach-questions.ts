import type { Profile } from '../aws/profiles.ts';
import { nameFor, type Settings } from '../config.ts';
import { unset } from './answers.ts';
import { type Question, question } from './question.ts';

/** What the operator's machine knows: the hosts of its ssh_config, AWS's own files, and the environment. */
export interface Machine {
  readonly hosts: readonly string[];
  readonly profiles: readonly Profile[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What must be known before anything can be looked at: where to, and as whom. */
export const reachQuestions = (settings: Settings, machine: Machine): readonly Question[] => [
  sourceQuestion(settings, machine),
  ...(machine.profiles.length > 0 || settings.profile !== undefined ? [profileQuestion(settings, machine)] : []),
  regionQuestion(settings, machine),
  question('name', settings, {
    title: 'name',
    message: 'What is the migration called?',
    reasons: ['What it makes in AWS is called ecsodus-<name>. Another migration has another name.'],
    proposed: nameFor(settings.source ?? ''),
  }),
];

const sourceQuestion = (settings: Settings, { hosts }: Machine): Question =>
  question('source', settings, {
    title: 'droplet',
    message: 'Which droplet is to be moved?',
    reasons: [
      hosts.length > 0 ? 'These hosts are in your ssh_config.' : 'Your ssh_config names no host to choose from.',
    ],
    choices: hosts.map((host) => ({ value: host, name: host })),
    other: 'another: a host alias, or user@host',
  });

function profileQuestion(settings: Settings, { profiles, environment }: Machine): Question {
  const named = profiles.map(({ name, region }) => ({ value: name, name: region ? `${name}, ${region}` : name }));
  const usual = environment.AWS_PROFILE ?? profiles.find(({ name }) => name === 'default')?.name;
  const proposed = usual ?? (environment.AWS_ACCESS_KEY_ID === undefined ? profiles[0]?.name : unset);
  const none = { value: unset, name: 'none: what the environment gives' };
  return question('profile', settings, {
    title: 'AWS profile',
    message: 'Which AWS profile pays for it?',
    reasons: ['These are in your ~/.aws/config and ~/.aws/credentials.'],
    choices: [...named, none],
    proposed,
  });
}

function regionQuestion(settings: Settings, { profiles, environment }: Machine): Question {
  const own = profiles.find(({ name }) => name === (settings.profile ?? environment.AWS_PROFILE ?? 'default'))?.region;
  const { AWS_REGION, AWS_DEFAULT_REGION } = environment;
  // With a profile that was chosen, its own region goes before what the environment says.
  const usual = [settings.profile && own, AWS_REGION, AWS_DEFAULT_REGION, own];
  const known = [...new Set([...usual, ...profiles.map(({ region }) => region)])].flatMap((each) => each || []);
  const [proposed] = known;
  return question('region', settings, {
    title: 'AWS region',
    message: 'To which region does it move?',
    reasons: known.length > 0 ? ['Visitors near it have the shortest way. These are in your AWS settings.'] : [],
    choices: known.map((region) => ({ value: region, name: region })),
    other: 'another region, like eu-central-1',
    proposed,
  });
}
