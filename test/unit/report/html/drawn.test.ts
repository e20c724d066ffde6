import { describe, expect, it } from 'vitest';
import { drawnContainers } from '../../../../src/report/html/drawn.ts';
import { layOut } from '../../../../src/report/html/picture.ts';
import { makeSample } from '../../../sample/files.ts';

const { plan } = await makeSample();
const containers = drawnContainers(plan);
const drawn = (name: string) => containers.find((each) => each.name === name);
const calleesOf = (name: string) => drawn(name)?.calls.map(({ callee }) => callee);

describe('the picture of the recorded droplet', () => {
  it('has every container once, those that do not run too', () => {
    const planned = [...plan.workloads, ...plan.idle].flatMap((workload) => workload.containers);
    expect(containers.map(({ name }) => name)).toEqual(planned);
    expect(containers.filter(({ idle }) => idle).map(({ name }) => name)).toEqual(['nightly-backup']);
  });

  it('says who calls whom, within a task and from one to another', () => {
    expect(calleesOf('shop-api-1')).toEqual(
      expect.arrayContaining(['shop-db-1', 'shop-cache-1', 'shop-search-1', 'mail-relay']),
    );
    expect(calleesOf('proxy')).toEqual(
      expect.arrayContaining(['grafana', 'travel-ghost-1', 'cooking-wordpress-1', 'shop-web-1']),
    );
    expect(calleesOf('shop-db-1')).toEqual([]);
  });

  it('tells ports of the world from those of other tasks', () => {
    expect(drawn('proxy')).toMatchObject({ ports: [80, 443], innerPorts: [], image: 'nginx' });
    expect(drawn('shop-web-1')).toMatchObject({ ports: [], innerPorts: [3000] });
  });

  it('places nothing upon anything else', () => {
    const { tasks, data, height } = layOut(containers);
    const rows = tasks.flatMap((task) => task.rows);
    for (const list of [rows, data.map((each) => ({ ...each, height: 20 })), tasks]) {
      for (const [index, { top }] of list.slice(1).entries())
        expect(top).toBeGreaterThanOrEqual((list[index]?.top ?? 0) + (list[index]?.height ?? 0));
      expect((list.at(-1)?.top ?? 0) + (list.at(-1)?.height ?? 0)).toBeLessThan(height);
    }
    expect(data.map(({ name }) => name).sort()).toEqual(plan.datasets.map(({ name }) => name).sort());
  });
});
