/**
 * Runs work that a signal may end, and makes it throw the signal's own reason
 * then: a timer or a child process would say only that it was aborted.
 */
export async function withReason<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
