import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from './agent.ts';
import { Scheduler } from './agent-services.ts';
import { Disks } from './instances-disks.ts';
import { Instance } from './instances-life.ts';
import { type Lab, readLab } from './lab.ts';
import { MotoState } from './moto-state.ts';

/**
 * The lab's supervisor: makes real what AWS was asked for. Polls moto; boots and stops hosts, plugs disks in and out,
 * runs one agent stand-in per instance and the services' scheduler.
 * usage: tsx instances.ts LAB
 */
const pollMs = 300;

async function supervise(lab: Lab, signal: AbortSignal): Promise<void> {
  if (!lab.moto) throw new Error(`lab ${lab.name} has no moto`);
  const moto = new MotoState(lab.moto);
  const disks = new Disks(lab.dir);
  const scheduler = new Scheduler(moto);
  const instances = new Map<string, Instance>();
  while (!signal.aborted) {
    try {
      const state = await moto.read();
      for (const { id, volumeId } of state.snapshots) await disks.takeSnapshot(id, volumeId);
      const held = [...instances.values()].flatMap((instance) => instance.volumes);
      await disks.forget(
        state.volumes.map(({ id }) => id),
        held,
      );
      for (const machine of state.instances) {
        const instance = instances.get(machine.id) ?? new Instance(lab, moto, disks, new Agent(moto, lab.moto));
        instances.set(machine.id, instance);
        instance.step(machine, state);
      }
      await scheduler.step(state, Date.now());
    } catch (error) {
      process.stderr.write(`${new Date().toISOString()} ${(error as Error).stack}\n`);
    }
    await sleep(pollMs);
  }
  await Promise.all([...instances.values()].map((instance) => instance.end()));
}

const [name = 'lab'] = process.argv.slice(2);
const ended = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ended.abort());
await supervise(await readLab(name), ended.signal);
