/**
 * Runs works side by side and waits for all of them, also when one fails:
 * whoever cleans up afterwards must not race with those still at work.
 *
 * @throws what the first one of them in order threw.
 */
export async function allOf<T extends readonly unknown[]>(works: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
