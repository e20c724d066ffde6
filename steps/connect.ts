import type { Identity, Instance } from '../src/aws/aws.ts';
import { ownerIfReachable, targetUnreachable } from '../src/data-disk.ts';
import { type EngineAnswers, engineFindings } from '../src/engine-findings.ts';
import { MigrationError } from '../src/errors.ts';
import type { Finding } from '../src/finding.ts';
import type { HostFacts } from '../src/inventory.ts';
import { markRoot, namesOf } from '../src/names.ts';
import { hostFacts, parseHostFacts } from '../src/queries/host-facts.ts';
import { isAtLeast } from '../src/rsync/arguments.ts';
import { asStep, type Check, type ReadContext, type Step, unknown } from '../src/step.ts';

/** What manifest.py is written for. */
const oldestPython = [3, 5];

/** Everything that must be so before anything else is looked at. Changes nothing. */
const connecting = (mayBeFinished: boolean): Step =>
  asStep({
    id: 'connect',
    title: 'Connect to the source and to AWS',
    needs: [],

    plan: async (context) => {
      const [{ sourceFacts, engine }, [identity, found]] = await Promise.all([
        readFacts(context),
        readAccount(context, mayBeFinished),
      ]);
      const instance = found ?? unknown('provision');
      const owner = await ownerIfReachable({ target: context.target, instance });
      return {
        changes: [],
        outputs: {
          sourceFacts,
          identity,
          instance,
          owner: owner === 'unreachable' ? unknown('mount-data') : owner,
        },
        findings: [
          ...engineFindings(engine, context.source.name),
          ...missing(sourceFacts, context.source.name),
          ...(owner === 'unreachable' ? [targetUnreachable] : []),
        ],
      };
    },

    apply: async () => {},

    verify: async ({ sourceFacts, identity, source }) => [
      ok('Docker', `${sourceFacts.dockerVersion} on ${source.name}, API ${sourceFacts.dockerApiVersion}`),
      ok('AWS', `account ${identity.account}, region ${identity.region}`),
    ],
  });

export const connect = connecting(false);

/** For `finish`, which may have been cut off right after its last change: it must find that nothing is left to do. */
export const connectToFinish = connecting(true);

/** Who asks AWS is the first question: by it everybody learns of credentials that do not hold. */
async function readAccount(context: ReadContext, mayBeFinished: boolean): Promise<[Identity, Instance | undefined]> {
  const identity = await context.aws.identity();
  const [instance] = await Promise.all([
    context.aws.findInstance(namesOf(context.config.name).instance),
    mayBeFinished ? undefined : refuseFinished(context),
  ]);
  return [identity, instance];
}

async function refuseFinished({ aws, config }: ReadContext): Promise<void> {
  const volume = await aws.findVolume(namesOf(config.name).volume);
  if (volume?.tags['ecsodus:state'] === 'finished') throw finished(config.name);
}

const ok = (name: string, reason: string): Check => ({ name, status: 'ok', reason });

async function readFacts({ source }: ReadContext): Promise<{ sourceFacts: HostFacts; engine: EngineAnswers }> {
  const [text, version, info] = await Promise.all([
    source.read(hostFacts()),
    source.docker.version(),
    source.docker.info(),
  ]);
  const sourceFacts = {
    ...parseHostFacts(text),
    address: source.address,
    dockerVersion: String(version.Version),
    dockerApiVersion: String(version.ApiVersion),
    dockerRoot: String(info.DockerRootDir),
    storageDriver: String(info.Driver),
  };
  return { sourceFacts, engine: { version, info } };
}

function missing(facts: HostFacts, host: string): Finding[] {
  const findings: Finding[] = [];
  if (!facts.hasDockerCommand) {
    findings.push({
      level: 'blocker',
      code: 'docker-command-missing',
      subject: host,
      message: 'Scripts on the source pause, stop and start containers by the docker command, and it has none.',
      remedy: `Install your engine's own (docker-ce-cli, docker-cli or docker.io), then try it: ssh ${host} sudo docker version`,
    });
  }
  if (facts.rsyncVersion === undefined) {
    findings.push({
      level: 'blocker',
      code: 'rsync-missing',
      subject: host,
      message: 'The data is copied by rsync, and the source has none.',
      remedy: `Install it: ssh ${host} sudo apt-get install -y rsync`,
    });
  }
  if (facts.pythonVersion === undefined || !isAtLeast(facts.pythonVersion, oldestPython)) {
    findings.push({
      level: 'blocker',
      code: 'python-missing',
      subject: host,
      message: `The data is read for its proof by Python ${oldestPython.join('.')} or newer, and the source has ${facts.pythonVersion ?? 'none'}.`,
      remedy: `Install it: ssh ${host} sudo apt-get install -y python3-minimal`,
    });
  }
  return findings;
}

const finished = (name: string): MigrationError =>
  new MigrationError(
    'finished',
    `The migration "${name}" is finished: the data on ${markRoot.replace('/.ecsodus', '')} is live.`,
    {
      hint: 'For another migration, give it another name in ecsodus.yaml.',
    },
  );
