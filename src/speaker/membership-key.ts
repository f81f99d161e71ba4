/**
 * The key of what speakers say to each other: a Secret that the first speaker
 * makes. Entry `key` seals; every entry opens, so that a key is changed
 * without a gap: add the new one under another name, let it reach all nodes,
 * swap the two, remove the old one.
 */
import { randomBytes } from 'node:crypto';
import type { KubeObject } from '../core/api/kubernetes.ts';
import { MEMBERSHIP_SECRET, SPEAKER_FIELD_MANAGER } from '../core/api/names.ts';
import type { KubeClient } from '../kube/client.ts';
import { isConflict } from '../kube/kube-error.ts';
import { type KindWatch, watchKind } from '../kube/list-watch.ts';
import { secrets } from '../kube/resources.ts';

const SEALING_ENTRY = 'key';
const KEY_BYTES = 32;
/** A shorter one can be guessed. */
const SHORTEST_KEY_BYTES = 16;

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface MembershipKeyOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Called with the keys at each change, the sealing one first. */
  readonly onChange: (keys: readonly Uint8Array[]) => void;
  readonly onTrouble: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export class MembershipKey {
  readonly #options: MembershipKeyOptions;
  readonly #watch: KindWatch<Secret>;
  /** Done with the keys as soon as there are any. Rejects if stopped before. */
  readonly first: Promise<readonly Uint8Array[]>;
  readonly #first = Promise.withResolvers<readonly Uint8Array[]>();

  constructor(options: MembershipKeyOptions) {
    this.#options = options;
    this.first = this.#first.promise;
    this.first.catch(() => undefined);
    options.signal.addEventListener('abort', () => this.#first.reject(options.signal.reason), { once: true });
    this.#watch = watchKind<Secret>({
      client: options.client,
      resource: secrets,
      namespace: options.namespace,
      fieldSelector: `metadata.name=${MEMBERSHIP_SECRET}`,
      signal: options.signal,
      onChange: () => this.#read(),
      onListed: () => {
        if (this.#secret() === undefined) void this.#make();
      },
      onTrouble: options.onTrouble,
    });
  }

  #secret(): Secret | undefined {
    return this.#watch.get(`${this.#options.namespace}/${MEMBERSHIP_SECRET}`);
  }

  #read(): void {
    const keys = readKeys(this.#secret()?.data ?? {});
    // Without a key the last ones stay: a Secret that is deleted by mistake must not part the speakers.
    if (keys.length === 0) return;
    this.#first.resolve(keys);
    this.#options.onChange(keys);
  }

  async #make(): Promise<void> {
    const { client, namespace, onTrouble } = this.#options;
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: MEMBERSHIP_SECRET, namespace, labels: { app: 'metallb', component: 'speaker' } },
      type: 'Opaque',
      data: { [SEALING_ENTRY]: randomBytes(KEY_BYTES).toString('base64') },
    };
    try {
      await client.create({ resource: secrets, namespace }, secret, { fieldManager: SPEAKER_FIELD_MANAGER });
    } catch (error) {
      // Another speaker was first; its Secret comes through the watch.
      if (!isConflict(error)) onTrouble(error);
    }
  }
}

/** The sealing key first, the others by name; entries that are too short to be keys are left out. */
export function readKeys(data: Readonly<Record<string, string>>): readonly Uint8Array[] {
  const names = Object.keys(data).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return names
    .map((name) => new Uint8Array(Buffer.from(data[name] ?? '', 'base64')))
    .filter((key) => key.length >= SHORTEST_KEY_BYTES);
}

function rank(name: string): number {
  return name === SEALING_ENTRY ? 0 : 1;
}
