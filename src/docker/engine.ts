import { Agent, type ClientRequestArgs } from 'node:http';
import { addAbortSignal, type Duplex, type Readable } from 'node:stream';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import { MigrationError } from '../errors.ts';
import { slots } from '../slots.ts';
import { isDropped } from '../ssh/ssh-errors.ts';
import { commitLayer } from './commit.ts';
import type { DockerWriter, Json, RegistryCredentials, TransferProgress } from './docker.ts';
import { engineWords } from './engine-words.ts';
import { follow, pullProgress, pushProgress } from './progress-stream.ts';
import { hasManifest, registryFailure, splitReference } from './registry.ts';

/** Requests at once: far away, more of them wait for the way than for the engine. */
const requestsAtOnce = 24;

/** The engine behind `openSocket`, one new connection per request. `host` is for messages. */
export function dockerOver(openSocket: () => Promise<Duplex>, host: string): DockerWriter {
  // Every setting that docker-modem would otherwise take from the operator's own DOCKER_* variables is named here.
  const agent = new SocketAgent(openSocket);
  const options = {
    agent,
    protocol: 'http',
    host: 'localhost',
    port: 80,
    timeout: 0,
  } as const;
  const docker = new Docker(options);
  const limited = slots(requestsAtOnce);
  const ask = <T>(what: string, request: () => Promise<T>): Promise<T> =>
    limited(request).catch((error: unknown) => Promise.reject(dockerFailure(host, what, agent.whyOf(error))));
  /** A question may be asked twice: once more where the connection was lost over it. */
  const look = <T>(what: string, request: () => Promise<T>): Promise<T> =>
    ask(what, request).catch((error: unknown) => (isDropped(error) ? ask(what, request) : Promise.reject(error)));
  const inspectImage = (id: string) => look(`inspect image ${id}`, () => missing(docker.getImage(id).inspect()));
  const transfer = async (
    verb: 'push' | 'pull',
    reference: string,
    credentials: RegistryCredentials,
    onProgress: (progress: TransferProgress) => void,
    signal = new AbortController().signal,
  ) => {
    const { repository, tag } = splitReference(reference);
    const authconfig = authOf(credentials);
    const open = () =>
      verb === 'push'
        ? docker.getImage(repository).push({ tag, authconfig })
        : docker.createImage(authconfig, { fromImage: repository, tag });
    try {
      await limited(async () =>
        // The engine ends a transfer whose connection is closed.
        follow(
          addAbortSignal(signal, (await open()) as Readable),
          verb === 'push' ? pushProgress(onProgress) : pullProgress(onProgress),
        ),
      );
    } catch (caught) {
      signal.throwIfAborted();
      const error = agent.whyOf(caught);
      throw (
        registryFailure(`${verb} ${reference}`, credentials.host, error) ??
        dockerFailure(host, `${verb} ${reference}`, error)
      );
    }
  };
  return {
    version: () => look('version', async () => (await docker.version()) as unknown as Json),
    info: () => look('info', async () => (await docker.info()) as Json),
    containerIds: () =>
      look('list containers', async () => (await docker.listContainers({ all: true })).map(({ Id }) => Id)),
    inspectContainer: (id) =>
      look(`inspect ${id}`, () => missing(docker.getContainer(id).inspect({ size: true } as object))),
    stats: (id) =>
      look(
        `stats ${id}`,
        async () =>
          (await docker.getContainer(id).stats({ stream: false, 'one-shot': true } as object)) as unknown as Json,
      ),
    changes: (id) =>
      // No changes are `null`, which docker-modem hands on as the bytes of that word.
      look(`changes ${id}`, async () => listed<LayerChange>(await docker.getContainer(id).changes())),
    networks: () => look('list networks', async () => (await docker.listNetworks()) as unknown as Json[]),
    volumes: () => look('list volumes', async () => ((await docker.listVolumes()).Volumes ?? []) as unknown as Json[]),
    inspectImage,
    registryHas: (reference, credentials) =>
      hasManifest(
        reference,
        credentials.host,
        limited(() => docker.getImage(reference).distribution({ authconfig: authOf(credentials) }) as Promise<unknown>),
        (error) => dockerFailure(host, `look for ${reference}`, error),
      ),
    commit: (container, reference) => ask(`commit ${container}`, () => commitLayer(docker, container, reference)),
    tag: (imageId, repository, tag) =>
      ask(`tag ${imageId}`, async () => void (await docker.getImage(imageId).tag({ repo: repository, tag }))),
    untag: async (reference) => {
      const image = await inspectImage(reference);
      if (image === undefined) return true;
      const tags = (image.RepoTags ?? []) as readonly string[];
      if (!tags.includes(reference) || tags.length < 2) return false;
      await ask(`untag ${reference}`, async () => void (await docker.getImage(reference).remove({ noprune: true })));
      return true;
    },
    removeImage: (reference) =>
      ask(
        `remove ${reference}`,
        async () => void (await missing(docker.getImage(reference).remove({ noprune: true }))),
      ),
    push: (...asked) => transfer('push', ...asked),
    pull: (...asked) => transfer('pull', ...asked),
    stop: (id) => ask(`stop ${id}`, () => unlessAlready(docker.getContainer(id).stop())),
    start: (id) => ask(`start ${id}`, () => unlessAlready(docker.getContainer(id).start())),
    setRestartPolicy: (id, policy) =>
      ask(`update ${id}`, async () => void (await docker.getContainer(id).update({ RestartPolicy: { ...policy } }))),
  };
}

const listed = <T>(answer: unknown): T[] => (Array.isArray(answer) ? (answer as T[]) : []);

type LayerChange = { readonly Path: string; readonly Kind: number };

/** `keepAlive` off and no `maxSockets`: neither works for connections that are opened asynchronously. */
class SocketAgent extends Agent {
  readonly #open: () => Promise<Duplex>;
  #lost: unknown;

  constructor(open: () => Promise<Duplex>) {
    super({ keepAlive: false });
    this.#open = open;
  }

  /** Node calls a response whose connection was lost aborted, and forgets why. */
  whyOf(error: unknown): unknown {
    return (error as NodeJS.ErrnoException | undefined)?.code === 'ECONNRESET' ? (this.#lost ?? error) : error;
  }

  /** docker-modem describes each request down to every open socket, also where nobody reads it: seconds of work for hundreds. */
  [inspect.custom](): string {
    return 'SocketAgent';
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#open().then(
      (stream) => {
        this.#lost = undefined;
        stream.once('error', (error) => {
          this.#lost = error;
        });
        callback?.(null, stream);
      },
      (error: Error) => callback?.(error, undefined as never),
    );
  }
}

const authOf = ({ host, username, password }: RegistryCredentials) => ({
  username,
  password: password.reveal(),
  serveraddress: host,
});

interface HttpError {
  readonly statusCode?: number;
}

const statusOf = (error: unknown): number | undefined => (error as HttpError | undefined)?.statusCode;

const missing = (answer: Promise<unknown>): Promise<Json | undefined> =>
  (answer as Promise<Json>).catch((error: unknown) => (statusOf(error) === 404 ? undefined : Promise.reject(error)));

/** 304: it has stopped, or runs, already. */
const unlessAlready = (answer: Promise<unknown>): Promise<void> =>
  answer.then(
    () => {},
    (error: unknown) => (statusOf(error) === 304 ? undefined : Promise.reject(error)),
  );

function dockerFailure(host: string, what: string, error: unknown): MigrationError {
  if (error instanceof MigrationError) return error;
  const status = statusOf(error);
  const code = status === 404 ? 'docker-not-found' : 'docker-failed';
  return new MigrationError(code, `Docker on ${host} could not ${what}: ${engineWords(error)}`, {
    hint: `Try it by hand: ssh ${host} docker ${what}`,
    cause: error,
  });
}
