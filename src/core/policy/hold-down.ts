/** Hold-down: what a Service gave back stays kept for its name as long as a policy says. */
import type { Reservation } from '../config/configuration.ts';
import type { ServiceRequest } from '../config/service-request.ts';
import type { Claim } from '../ipam/claim.ts';
import { type Address, compareAddresses } from '../net/address.ts';
import type { Millis } from '../time.ts';
import { rulesFor } from './rules.ts';
import type { World } from './world.ts';

/** Addresses that were given back. */
export interface GivenBack {
  /** Whose they were; out of the ledger by now. */
  readonly claim: Claim;
  readonly addresses: readonly Address[];
  /** The Service as it last was. */
  readonly request: ServiceRequest;
  readonly at: Millis;
}

/** What is kept of them, and until when; undefined where nothing is. */
export function holdDownOf({ claim, addresses, request, at }: GivenBack, world: World): Reservation | undefined {
  const { ledger, now } = world;
  const { releaseDelay } = rulesFor(request, world);
  const expiresAt = endOf(at + releaseDelay);
  if (releaseDelay <= 0 || expiresAt <= now) return undefined;
  // An address that others still share needs no keeping, and one in no pool can't be given again.
  const free = addresses
    .filter((address) => ledger.holders(address).length === 0 && ledger.poolOf(address) !== undefined)
    .sort(compareAddresses);
  if (free.length === 0) return undefined;
  return {
    name: holdDownName(claim.key),
    ranges: free.map(({ family, value }) => ({ family, first: value, last: value })),
    namespace: claim.namespace,
    service: claim.name,
    expiresAt,
    holdDown: true,
    contestedBy: undefined,
  };
}

/** By the Service's `namespace/name`. Neither part holds a dot, so no two Services have the same; at most 137 characters. */
export function holdDownName(key: string): string {
  return `hold-down.${key.replace('/', '.')}`;
}

/** The object says its end in whole seconds. */
export function endOf(ms: Millis): Millis {
  return Math.ceil(ms / 1000) * 1000;
}
