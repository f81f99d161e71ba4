/** Which claims use a sharing key, by namespace. */
import type { Claim } from './claim.ts';

export class SharingIndex {
  readonly #claims = new Map<string, Map<string, Set<Claim>>>();

  add(claim: Claim): void {
    if (claim.sharingKey === undefined) return;
    let namespaces = this.#claims.get(claim.sharingKey);
    if (namespaces === undefined) {
      namespaces = new Map();
      this.#claims.set(claim.sharingKey, namespaces);
    }
    const claims = namespaces.get(claim.namespace);
    if (claims === undefined) namespaces.set(claim.namespace, new Set([claim]));
    else claims.add(claim);
  }

  remove(claim: Claim): void {
    if (claim.sharingKey === undefined) return;
    const namespaces = this.#claims.get(claim.sharingKey);
    const claims = namespaces?.get(claim.namespace);
    claims?.delete(claim);
    if (claims?.size === 0) namespaces?.delete(claim.namespace);
    if (namespaces?.size === 0) this.#claims.delete(claim.sharingKey);
  }

  /** Claims under a key in the namespaces that `admits` lets in. */
  *under(key: string, admits: (namespace: string) => boolean): IterableIterator<Claim> {
    for (const [namespace, claims] of this.#claims.get(key) ?? []) if (admits(namespace)) yield* claims;
  }
}
