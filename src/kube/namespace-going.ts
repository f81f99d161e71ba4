/** Tells when a namespace is on its way out: what it holds then disappears piece by piece, and none of that is anybody's wish. */
import type { KubeObject } from '../core/api/kubernetes.ts';
import type { KubeClient } from './client.ts';
import { watchKind } from './list-watch.ts';
import { namespaces } from './resources.ts';

export interface GoingOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly onTrouble: (error: unknown) => void;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Aborted once the namespace is being deleted, which nobody can take back. */
export function namespaceGoing({ client, namespace, onTrouble, signal }: GoingOptions): AbortSignal {
  const going = new AbortController();
  watchKind<KubeObject>({
    client,
    resource: namespaces,
    fieldSelector: `metadata.name=${namespace}`,
    metadataOnly: true,
    signal: AbortSignal.any([signal, going.signal]),
    onTrouble,
    onChange: (change) => {
      if (change.kind === 'deleted' || change.object.metadata.deletionTimestamp !== undefined) going.abort();
    },
  }).synced.catch(() => undefined);
  return going.signal;
}
