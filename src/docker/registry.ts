import { MigrationError } from '../errors.ts';
import { engineWords } from './engine-words.ts';

/** `host:5000/name:tag`, `name@sha256:…`; a colon before the last slash is a port. */
export function splitReference(reference: string): { readonly repository: string; readonly tag: string } {
  const at = reference.indexOf('@');
  if (at >= 0) return { repository: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { repository: reference, tag: 'latest' };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

export type RegistryAnswer =
  | 'repository-missing'
  | 'manifest-missing'
  | 'registry-denied'
  | 'registry-busy'
  | 'registry-unreachable';

const repositoryMissing = /name unknown|name_unknown|repositorynotfound|repository with name .* does not exist/i;
const denied =
  /unauthori[sz]ed|denied|no basic auth credentials|authentication required|forbidden|incorrect username|token (has|is) (expired|invalid)|not authorized/i;
const manifestMissing =
  /manifest unknown|manifest_unknown|no such manifest|requested image not found|tag unknown|: not found/i;
const busy = /toomanyrequests|rate exceeded|throttl|unexpected (http )?status.*\b(429|5\d\d)\b/i;
const unreachable =
  /x509|tls:|certificate|connection refused|no such host|i\/o timeout|dial tcp|network is unreachable|no route to host|deadline exceeded|timeout exceeded|handshake|server gave HTTP response|connection reset|EOF/i;

/**
 * What a registry meant, from the words the engine passes on. Registries and engines differ: ECR says "name unknown" for
 * a missing repository and "Requested image not found" for a missing tag, Debian's registry "manifest unknown" for both;
 * dockerd 20.10 answers 401, 403, 404 or 500 for the same refusal. So words come first, and the status only after them.
 */
export function registryAnswer(status: number | undefined, message: string): RegistryAnswer | undefined {
  if (repositoryMissing.test(message)) return 'repository-missing';
  if (denied.test(message)) return 'registry-denied';
  if (manifestMissing.test(message)) return 'manifest-missing';
  if (busy.test(message)) return 'registry-busy';
  if (unreachable.test(message)) return 'registry-unreachable';
  if (status === 401 || status === 403) return 'registry-denied';
  return status === 404 ? 'manifest-missing' : undefined;
}

/** A failed transfer as the registry's fault; undefined where it is the engine's. */
export function registryFailure(what: string, registry: string, error: unknown): MigrationError | undefined {
  if (error instanceof MigrationError) return error;
  const status = (error as { readonly statusCode?: number }).statusCode;
  const message = engineWords(error);
  // The engine's own 404: it has no such image to push.
  if (status === 404 && /no such image|does not exist locally|tag does not exist/i.test(message)) return undefined;
  const answer = registryAnswer(status, message);
  return (
    answer &&
    new MigrationError(answer, `Could not ${what}: ${said[answer](registry)}`, {
      ...hint(answer, registry),
      evidence: [message],
      cause: error,
    })
  );
}

/** Settles the question whether a registry holds a reference. Only a registry that answered so counts as "no". */
export async function hasManifest(
  reference: string,
  registry: string,
  asked: Promise<unknown>,
  otherwise: (error: unknown) => MigrationError,
): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (/page not found/i.test(engineWords(error))) throw tooOld(error);
    const failure = registryFailure(`look for ${reference}`, registry, error);
    if (failure?.code === 'repository-missing' || failure?.code === 'manifest-missing') return false;
    throw failure ?? otherwise(error);
  }
}

const said: Readonly<Record<RegistryAnswer, (registry: string) => string>> = {
  'repository-missing': (registry) => `${registry} has no such repository.`,
  'manifest-missing': (registry) => `${registry} has no such image.`,
  'registry-denied': (registry) => `${registry} refused the credentials.`,
  'registry-busy': (registry) => `${registry} is too busy to answer, or fails.`,
  'registry-unreachable': (registry) => `${registry} cannot be reached from this host.`,
};

function hint(answer: RegistryAnswer, registry: string): { readonly hint: string } {
  if (answer === 'registry-unreachable') return { hint: `Try it on the host: curl -v https://${registry}/v2/` };
  if (answer === 'registry-denied')
    return {
      hint: 'Run the same command again for a fresh token; if it repeats, check the permissions: aws sts get-caller-identity',
    };
  return { hint: 'Run the same command again: the step makes what is missing.' };
}

const tooOld = (cause: unknown): MigrationError =>
  new MigrationError('docker-too-old', 'This Docker cannot be asked about registries: that needs 17.06 or later.', {
    hint: 'Upgrade Docker on the source.',
    cause,
  });
