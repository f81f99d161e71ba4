/** What git looks after: only that is deleted when no manifest has it any more. */

/** `Service/namespace/name` and `Kind/name`. */
export type Managed = 'everything' | 'nothing' | ReadonlySet<string>;

export function isManaged(managed: Managed, identity: string): boolean {
  if (managed === 'everything') return true;
  return managed === 'nothing' ? false : managed.has(identity);
}
