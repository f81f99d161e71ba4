/** The certificate that is being served, exchanged while connections are open. */
import { createSecureContext } from 'node:tls';
import { matches } from './inspect.ts';

export interface ServingPair {
  readonly certificate: string;
  readonly key: string;
}

export type Offer =
  | 'taken'
  | 'unchanged'
  /** Certificate and key don't belong together or can't be read (a half-written Secret or folder): the one before keeps serving. */
  | 'mismatched';

export class ServingCertificate {
  #pair: ServingPair | undefined;
  readonly #listeners = new Set<(pair: ServingPair) => void>();

  /** Undefined until the first pair was taken. */
  get pair(): ServingPair | undefined {
    return this.#pair;
  }

  /** Takes a pair for all connections from now on, where it fits together. */
  offer(pair: ServingPair): Offer {
    if (this.#pair?.certificate === pair.certificate && this.#pair.key === pair.key) return 'unchanged';
    if (!usable(pair)) return 'mismatched';
    this.#pair = pair;
    for (const listener of this.#listeners) listener(pair);
    return 'taken';
  }

  /** Calls back with the present pair, if any, and with each one taken later; returns what ends that. */
  subscribe(listener: (pair: ServingPair) => void): () => void {
    this.#listeners.add(listener);
    if (this.#pair) listener(this.#pair);
    return () => void this.#listeners.delete(listener);
  }
}

function usable(pair: ServingPair): boolean {
  if (!matches(pair.certificate, pair.key)) return false;
  try {
    // OpenSSL's own opinion, also of the rest of the chain.
    createSecureContext({ cert: pair.certificate, key: pair.key });
    return true;
  } catch {
    // The caller is told, and keeps what it has.
    return false;
  }
}
