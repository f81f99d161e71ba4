/**
 * Waits for work no longer than the given time, and tells the work by its signal that nobody waits any more.
 *
 * @throws Error where the time is over first; whatever the work throws else.
 */
export async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([work(ending.signal), late.promise]);
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}
