import type { PlanDocument } from '../plan-document.ts';
import { count } from '../units.ts';
import { type Drawn, drawnContainers } from './drawn.ts';
import { type Html, html } from './html.ts';
import { folded, type Section, table, text } from './page.ts';
import { layOut, picture } from './picture.ts';

/** What runs where, before and after, drawn and in words. */
export function beforeAndAfter(document: PlanDocument): Section {
  const containers = drawnContainers(document);
  const layout = layOut(containers);
  const instance = document.instance?.type;
  const data = count(document.datasets.length, 'dataset');
  const calls = count(containers.flatMap((each) => each.calls).length, 'call');
  const after = instance === undefined ? 'one instance' : `one ${instance}`;
  return {
    id: 'picture',
    title: 'Before and after',
    body: html`<div class="pictures">
<figure><figcaption>Now: the droplet</figcaption>
${picture({
  id: 'before',
  title: 'The droplet as it is',
  description: `${count(containers.length, 'container')}, ${data} and ${calls} between containers. The table below says the same in words.`,
  label: 'droplet',
  layout,
  isAfter: false,
})}</figure>
<figure><figcaption>After: ${after} of ECS</figcaption>
${picture({
  id: 'after',
  title: 'The instance as it will be',
  description: `${count(layout.tasks.length, 'task')} with the same ${count(containers.length, 'container')}, and ${data} on one disk at /data. The table below says the same in words.`,
  label: instance ?? 'instance',
  layout,
  isAfter: true,
})}</figure>
</div>
<ul class="key"><li>An arrow leads from who calls to who is called.</li><li>:80 in colour is open to the world, in grey to other tasks alone.</li>
<li>A dashed box does not run now, and gets no service.</li></ul>
${folded(text('The picture in words'), inWords(containers))}`,
  };
}

const inWords = (containers: readonly Drawn[]): Html =>
  table(
    'Containers, the tasks they become part of, and what they have to do with one another',
    [{ title: 'Container' }, { title: 'Task' }, { title: 'Ports, data, calls' }],
    containers.map((each) => [text(each.name), text(`${each.task}${each.idle ? ' (no service)' : ''}`), links(each)]),
  );

function links({ ports, innerPorts, datasets, calls }: Drawn): Html {
  const lost = calls.filter(({ reached }) => !reached).map(({ callee }) => callee);
  const reached = calls.filter((call) => call.reached).map(({ callee }) => callee);
  const parts: readonly (readonly [string, readonly (string | number)[]])[] = [
    ['open to the world', ports],
    ['open to other tasks', innerPorts],
    ['data', datasets],
    ['calls', reached],
    ['calls in vain', lost],
  ];
  return text(
    parts
      .filter(([, all]) => all.length > 0)
      .map(([word, all]) => `${word}: ${all.join(', ')}`)
      .join('; ') || 'none',
  );
}
