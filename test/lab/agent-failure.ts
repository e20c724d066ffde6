/** Why a task did not start, in the words of its stoppedReason. */
export class StartFailure extends Error {
  constructor(kind: string, cause: unknown) {
    super(`${kind}: ${(cause as Error).message}`);
  }
}

export async function failsAs<T>(kind: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new StartFailure(kind, error);
  }
}
