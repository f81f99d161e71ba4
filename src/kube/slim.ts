/** What Berth never reads of an object, left out of memory: it is most of the bytes. */
import type { KubeObject } from '../core/api/kubernetes.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Drops metadata.managedFields and kubectl's copy of the manifest, in place.
 * Such an object must never be written back whole.
 */
export function slim<T extends KubeObject>(object: T): T {
  const metadata = object.metadata as unknown as {
    managedFields?: unknown;
    annotations?: Record<string, string>;
  };
  if (metadata.managedFields !== undefined) delete metadata.managedFields;
  if (metadata.annotations?.[lastApplied] !== undefined) delete metadata.annotations[lastApplied];
  return object;
}
