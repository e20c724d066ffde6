import type Docker from 'dockerode';
import type { AuthConfig } from 'dockerode';

/** Pulls every time; falls back to an image that is there. Answers with its digest, where the registry gave one. */
export async function pullImage(
  docker: Docker,
  image: string,
  credentials: () => Promise<AuthConfig | undefined>,
): Promise<string | undefined> {
  try {
    const authconfig = await credentials();
    const stream = await docker.pull(image, authconfig ? { authconfig } : {});
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
    );
  } catch (error) {
    const cached = await docker
      .getImage(image)
      .inspect()
      .catch(() => undefined);
    if (!cached) throw new Error(`Error response from daemon: ${(error as Error).message}`);
  }
  const { RepoDigests = [] } = await docker.getImage(image).inspect();
  const repository = image.replace(/[:@][^/]*$/, '');
  return RepoDigests.find((digest) => digest.startsWith(`${repository}@`))?.split('@')[1];
}

/** Names of the variables an image sets. */
export async function imageVariables(docker: Docker, image: string): Promise<readonly string[]> {
  const { Config } = await docker.getImage(image).inspect();
  return (Config.Env ?? []).map((entry) => entry.split('=')[0] ?? '');
}
