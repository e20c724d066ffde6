import { aligned } from '../../src/report/aligned.ts';
import type { Fidelity } from './fidelity.ts';
import { countOf, type Outcome, outcomes } from './fidelity-compare.ts';

const words: Readonly<Record<Outcome, string>> = {
  kept: 'kept',
  named: 'changed or lost, and named',
  wrong: 'wrong, silently',
  lost: 'lost, silently',
};

/** The result side by side: a line for each setting, the totals, and what each description could not be had with. */
export function fidelityText({ engine, compose, settings, tools }: Fidelity): string {
  const head = ['setting', ...tools.map(({ tool, version }) => `${tool} ${version}`)];
  const rows = (tools[0]?.settings ?? []).map(({ setting }, index) => [
    setting,
    ...tools.map((tool) => tool.settings[index]?.outcome ?? ''),
  ]);
  const totals = outcomes.map((outcome) => [
    words[outcome],
    ...tools.map((tool) => `${countOf(tool.settings, outcome)} of ${settings}`),
  ]);
  const lines = aligned([head, ...rows, [], ...totals]);
  const refused = tools.flatMap((tool) => tool.refused.map((part) => `${tool.tool}: ${part}`));
  return [
    `One container with ${settings} settings on Docker ${engine}: described, made again from the description, compared by inspect.`,
    `A docker run command is run by Docker, a compose file by docker-compose ${compose}, a task definition by the lab's stand-in for`,
    'the ECS agent (a stop timeout counts as kept in the definition: the agent stops containers by that). "named": the tool',
    'says itself what becomes of the setting; whatever else is not as it was, is so silently.',
    '',
    ...lines,
    ...(refused.length === 0 ? [] : ['', 'Refused, and left out so that the rest could be compared:', ...refused]),
  ].join('\n');
}
