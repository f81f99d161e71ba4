/**
 * Keeps the ledger true to what the apiserver holds, writes on their way
 * included.
 *
 * A write is sent against one version of a Service (its base) and holds only
 * against that one. So from its sending until another version is seen, both
 * what was there and what was sent may be the truth, and both are claimed; any
 * other version either contains the write or makes it impossible. No version
 * numbers are compared, only told apart.
 */
import type { Claim, Ledger } from '../core/ipam/ledger.ts';
import { type Address, without } from '../core/net/address.ts';

/** A Service as last seen. */
export interface Sight {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Undefined where it holds nothing. */
  readonly claim: Claim | undefined;
}

/** A claim came, went or changed; `lost`: addresses that this Service no longer has. */
export interface ClaimChange {
  readonly before: Claim | undefined;
  readonly after: Claim | undefined;
  readonly lost: readonly Address[];
}

interface Pending {
  readonly uid: string;
  readonly base: string;
  readonly claim: Claim;
  /** The apiserver has confirmed it; only its sight is missing. */
  confirmed: boolean;
  /** An attempt whose outcome isn't known. */
  inDoubt: boolean;
}

export class LedgerKeeper {
  readonly #ledger: Ledger;
  readonly #onChange: (change: ClaimChange) => void;
  readonly #seen = new Map<string, Sight>();
  readonly #pending = new Map<string, Pending>();

  constructor(ledger: Ledger, onChange: (change: ClaimChange) => void) {
    this.#ledger = ledger;
    this.#onChange = onChange;
  }

  /** A version of a Service was seen; undefined: it is gone, or no longer ours. */
  observe(key: string, sight: Sight | undefined): void {
    if (sight === undefined) this.#seen.delete(key);
    else this.#seen.set(key, sight);
    const pending = this.#pending.get(key);
    if (pending !== undefined && (pending.uid !== sight?.uid || pending.base !== sight.resourceVersion)) {
      this.#pending.delete(key);
    }
    this.#settle(key);
  }

  /** A write is about to be sent; `claim` is what the Service will hold by it (without addresses: nothing). */
  begin(claim: Claim, base: { readonly uid: string; readonly resourceVersion: string }): void {
    const inDoubt = this.#pending.get(claim.key)?.inDoubt ?? false;
    this.#pending.set(claim.key, { uid: base.uid, base: base.resourceVersion, claim, confirmed: false, inDoubt });
    this.#settle(claim.key);
  }

  /** The write was made and gave this version. */
  confirm(key: string, resourceVersion: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    pending.confirmed = true;
    if (resourceVersion === pending.base) this.#pending.delete(key);
    this.#settle(key);
  }

  /** No answer: the write may have been made, or be made yet, until another version is seen. */
  doubt(key: string): void {
    const pending = this.#pending.get(key);
    if (pending !== undefined) pending.inDoubt = true;
  }

  /** The write was not made. */
  withdraw(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined || pending.inDoubt) return;
    this.#pending.delete(key);
    this.#settle(key);
  }

  /** Whether a write of this Service is on its way or in doubt. */
  isPending(key: string): boolean {
    return this.#pending.has(key);
  }

  /** Forgets all writes on their way: somebody else leads, and what was seen is all that is known. */
  abandon(): void {
    const keys = [...this.#pending.keys()];
    this.#pending.clear();
    for (const key of keys) this.#settle(key);
  }

  #settle(key: string): void {
    const before = this.#ledger.get(key);
    const truth = this.#truth(key);
    const after = truth !== undefined && truth.addresses.length > 0 ? truth : undefined;
    if (before === undefined ? after === undefined : after !== undefined && isSameClaim(before, after)) return;
    if (after === undefined) this.#ledger.release(key);
    else this.#ledger.claim(after);
    this.#onChange({ before, after, lost: before ? without(before.addresses, after?.addresses ?? []) : [] });
  }

  #truth(key: string): Claim | undefined {
    const seen = this.#seen.get(key)?.claim;
    const pending = this.#pending.get(key);
    if (pending === undefined) return seen;
    if (pending.confirmed || seen === undefined) return pending.claim;
    const also = without(seen.addresses, pending.claim.addresses);
    return also.length === 0 ? pending.claim : { ...pending.claim, addresses: [...pending.claim.addresses, ...also] };
  }
}

function isSameClaim(a: Claim, b: Claim): boolean {
  return (
    a.uid === b.uid &&
    a.createdAt === b.createdAt &&
    a.pool === b.pool &&
    a.sharingKey === b.sharingKey &&
    a.trafficPolicy === b.trafficPolicy &&
    a.backends === b.backends &&
    a.addresses.length === b.addresses.length &&
    without(a.addresses, b.addresses).length === 0 &&
    a.ports.length === b.ports.length &&
    a.ports.every((port, index) => port.protocol === b.ports[index]?.protocol && port.port === b.ports[index]?.port)
  );
}
