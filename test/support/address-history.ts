/** Every address that a Service was ever seen with, on a watch: what a look now and then would miss. */
import type { Service } from '../../src/core/api/kubernetes.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { type KindWatch, watchKind } from '../../src/kube/list-watch.ts';
import { services } from '../../src/kube/resources.ts';

export class AddressHistory {
  readonly #watch: KindWatch<Service>;
  readonly #stop = new AbortController();
  readonly #seen = new Map<string, string[]>();

  constructor(client: KubeClient) {
    this.#watch = watchKind<Service>({
      client,
      resource: services,
      signal: this.#stop.signal,
      onChange: (change) => {
        if (change.kind !== 'deleted') this.#note(change.key, addressesOf(change.object));
      },
    });
  }

  get synced(): Promise<void> {
    return this.#watch.synced;
  }

  /** Of a Service "namespace/name", without repetitions; one that waits for its first address has none yet. */
  of(key: string): readonly string[] {
    return this.#seen.get(key) ?? [];
  }

  /** Services that had one set of addresses, and then another one or none. */
  changed(): readonly string[] {
    return [...this.#seen]
      .filter(([, seen]) => seen.length > 1)
      .map(([key, seen]) => `${key}: ${seen.join(', then ')}`);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watch.done;
  }

  #note(key: string, addresses: string): void {
    const seen = this.#seen.get(key) ?? [];
    if (addresses === (seen.at(-1) ?? '')) return;
    this.#seen.set(key, [...seen, addresses]);
  }
}

function addressesOf(service: Service): string {
  return (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).join(' and ');
}
