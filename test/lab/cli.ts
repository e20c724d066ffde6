import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { clientView } from './client-view.ts';
import { down } from './down.ts';
import { enterHost, runningHosts } from './host.ts';
import { findLab, type Lab } from './lab.ts';
import { sshConfigPath } from './login.ts';
import { labProcesses } from './processes.ts';
import { isUp, up } from './up.ts';

const usage = `usage: npm run lab -- COMMAND [--name NAME] [--json]

  up            brings the lab up: droplet with its stack, registry, AWS; --json prints what a client needs
  down          takes it down, whatever state it is in
  status        says whether it is up; --json as for up
  ssh droplet   logs in to the droplet as root (droplet-deploy, droplet-careful, droplet-stranger: as others)
  ssh target    enters the newest instance`;

const { values, positionals } = parseArgs({
  options: {
    name: { type: 'string', default: 'lab' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
const [command, ...rest] = positionals;

const commands: Readonly<Record<string, () => Promise<number>>> = {
  up: async () => say(await up(values.name)),
  down: async () => {
    await down(values.name);
    return 0;
  },
  status: async () => {
    const lab = findLab(values.name);
    if (lab && (await isUp(lab))) return say(lab);
    const left = await labProcesses(values.name);
    process.stdout.write(values.json ? '{"up":false}\n' : `lab ${values.name} is not up (${left.length} processes)\n`);
    return 1;
  },
  ssh: async () => {
    const lab = findLab(values.name);
    if (!lab) throw new Error(`lab ${values.name} is not up: npm run lab -- up`);
    const [host = 'droplet', ...argv] = rest;
    return login(lab, host, argv);
  },
};

function say(lab: Lab): number {
  const { name, sshConfig, addresses, aws } = clientView(lab);
  const text = `lab ${name} is up: droplet ${addresses.droplet} (ssh -F ${sshConfig} droplet), AWS ${aws.endpoint}\n`;
  process.stdout.write(values.json ? `${JSON.stringify(clientView(lab))}\n` : text);
  return 0;
}

/** The target's key is the one AWS gave it, and only its asker has that: the lab enters by the back door. */
async function login(lab: Lab, host: string, argv: readonly string[]): Promise<number> {
  const instances = (await runningHosts(lab.name)).filter(({ name }) => name.startsWith('i-'));
  if (host === 'target' && !instances[0]) throw new Error('no instance runs');
  const back = instances[0] ? [...enterHost(instances[0]), ...(argv.length > 0 ? argv : ['su', '-', 'ec2-user'])] : [];
  const [file = '', ...args] = host === 'target' ? back : ['ssh', '-F', sshConfigPath(lab.dir), host, ...argv];
  return spawnSync(file, args, { stdio: 'inherit' }).status ?? 1;
}

try {
  const run = command ? commands[command] : undefined;
  if (!run || values.help) process.stderr.write(`${usage}\n`);
  process.exitCode = run && !values.help ? await run() : 2;
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
