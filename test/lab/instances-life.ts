import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from './agent.ts';
import { type Host, hostDir } from './host.ts';
import { type Disks, isMounted, nameFileSystem, plugInto, unplugFrom } from './instances-disks.ts';
import { keepFirewall } from './instances-firewall.ts';
import { bootMachine, devicesReady, readConsole, shutDown } from './instances-host.ts';
import type { Lab } from './lab.ts';
import type { Disk, LabState, Machine, MotoState } from './moto-state.ts';
import { isOurs } from './processes.ts';

const shutDownMs = 40_000;

interface Plugged {
  readonly device: string;
  readonly sizeGib: number;
}

/** The life of one EC2 instance as a lab host: boot, disks, agent, reboot, stop, end. */
export class Instance {
  readonly #lab: Lab;
  readonly #moto: MotoState;
  readonly #disks: Disks;
  readonly #agent: Agent;
  readonly #plugged = new Map<string, Plugged>();
  #host: Host | undefined;
  #reboots: number | undefined;
  #console = '';
  /** The rules that the host's firewall has now. */
  #firewall = '';
  #busy: Promise<void> | undefined;

  constructor(lab: Lab, moto: MotoState, disks: Disks, agent: Agent) {
    this.#lab = lab;
    this.#moto = moto;
    this.#disks = disks;
    this.#agent = agent;
  }

  /** Ids of the volumes whose devices this instance holds. */
  get volumes(): readonly string[] {
    return [...this.#plugged.keys()];
  }

  /** One step at a time; while one is under way, the next poll finds what is still to do. */
  step(machine: Machine, state: LabState): void {
    this.#busy ??= this.#advance(machine, state)
      .catch((error: Error) => void process.stderr.write(`${machine.id}: ${error.stack}\n`))
      .finally(() => {
        this.#busy = undefined;
      });
  }

  /** The lab ends: the host goes at once. */
  async end(): Promise<void> {
    await this.#busy;
    if (this.#host) await this.#powerOff(0);
  }

  async #advance(machine: Machine, state: LabState): Promise<void> {
    switch (machine.state) {
      case 'pending':
        await this.#boot(machine, state);
        return this.#moto.say('report-machine', { id: machine.id, state: 'running' });
      case 'running':
        return this.#tend(machine, state);
      case 'stopping':
        await this.#powerOff(shutDownMs);
        return this.#moto.say('report-machine', { id: machine.id, state: 'stopped' });
      case 'shutting-down':
        await this.#powerOff(shutDownMs);
        await rm(hostDir(this.#lab.name, machine.id), { recursive: true, force: true });
        return this.#moto.say('report-machine', { id: machine.id, state: 'terminated' });
    }
  }

  async #boot(machine: Machine, state: LabState): Promise<void> {
    const lab = this.#lab;
    const address =
      machine.publicIp ?? `${lab.prefix}.${250 - (state.instances.findIndex(({ id }) => id === machine.id) % 50)}`;
    this.#host ??= await bootMachine(lab, machine, address);
    this.#reboots = machine.reboots;
    await writeFile(join(this.#host.dir, 'host.json'), JSON.stringify({ ...this.#host, reboots: machine.reboots }));
    await this.#plug(machine, state);
    // sshd starts after this, so nobody gets in before the rules are there.
    await this.#filter(machine, this.#host);
    await devicesReady(this.#host);
  }

  async #tend(machine: Machine, state: LabState): Promise<void> {
    this.#host ??= await this.#adopt(machine);
    if (!this.#host) return this.#boot(machine, state);
    if (this.#reboots !== machine.reboots) {
      await this.#powerOff(shutDownMs);
      return this.#boot(machine, state);
    }
    // As after a power cut: dead until AWS is asked to reboot, stop or terminate it.
    if (!(await isOurs(this.#lab.name, this.#host.pid))) return this.#agent.disconnect();
    await this.#filter(machine, this.#host);
    await this.#plug(machine, state);
    await this.#showConsole(machine, this.#host);
    await this.#agent.step(this.#host, machine, state);
  }

  /** A supervisor that was started again finds the hosts that are still up. */
  async #adopt(machine: Machine): Promise<Host | undefined> {
    const record = join(hostDir(this.#lab.name, machine.id), 'host.json');
    const text = await readFile(record, 'utf8').catch(() => undefined);
    if (!text) return undefined;
    const { reboots, ...host } = JSON.parse(text) as Host & { reboots: number };
    if (!(await isOurs(this.#lab.name, host.pid))) return undefined;
    this.#reboots = reboots;
    return host;
  }

  async #plug(machine: Machine, { volumes }: LabState): Promise<void> {
    const host = this.#host;
    if (!host) return;
    const attached = volumes.filter(({ attachedTo, isRoot }) => attachedTo === machine.id && !isRoot);
    for (const [id, { device }] of this.#plugged) {
      const volume = attached.find((other) => other.id === id);
      if (volume && !volume.detaching) continue;
      // Taken away by force there is nobody to ask; else a mounted disk stays until it is unmounted.
      if (volume && (await isMounted(host.pid, device))) continue;
      await this.#unplug(host, id, device);
      if (volume) await this.#moto.say('detached', { id });
    }
    for (const volume of attached.filter(({ detaching }) => !detaching)) await this.#plugOne(host, volume);
  }

  async #plugOne(host: Host, volume: Disk): Promise<void> {
    const plugged = this.#plugged.get(volume.id);
    if (!plugged) {
      const device = await this.#disks.attach(volume);
      await plugInto(host.root, device, volume.id);
      this.#plugged.set(volume.id, { device, sizeGib: volume.sizeGib });
    } else {
      if (plugged.sizeGib !== volume.sizeGib) {
        await this.#disks.grow(volume);
        this.#plugged.set(volume.id, { ...plugged, sizeGib: volume.sizeGib });
      }
      await nameFileSystem(host.root, plugged.device, volume.id);
    }
  }

  async #unplug(host: Host | undefined, id: string, device: string): Promise<void> {
    if (host) await unplugFrom(host.root, device, id);
    await this.#disks.detach(id);
    this.#plugged.delete(id);
  }

  async #filter({ ingress }: Machine, host: Host): Promise<void> {
    this.#firewall = await keepFirewall(host, ingress, this.#firewall);
  }

  async #showConsole(machine: Machine, host: Host): Promise<void> {
    const text = await readConsole(host);
    if (text === this.#console) return;
    // EC2 keeps the last 64 KB.
    await this.#moto.say('report-machine', { id: machine.id, console: text.slice(-65_536) });
    this.#console = text;
  }

  async #powerOff(graceMs: number): Promise<void> {
    const host = this.#host;
    await this.#agent.disconnect();
    if (host) await shutDown(host, graceMs);
    this.#host = undefined;
    this.#firewall = '';
    for (const [id, { device }] of this.#plugged) await this.#unplug(undefined, id, device);
  }
}
