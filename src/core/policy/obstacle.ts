/** Why a Service can't have one address of a pool, with all that its author can do about it. */
import { ALLOW_SHARED_IP } from '../api/names.ts';
import { annotationPath } from '../config/annotation.ts';
import type { Pool } from '../config/configuration.ts';
import type { Port } from '../config/service-request.ts';
import type { Claim, Incompatible } from '../ipam/ledger.ts';
import { type Address, isOneOf } from '../net/address.ts';
import type { Ask } from './ask.ts';
import type { ClashOn } from './existing.ts';
import type { Failure } from './failure.ts';
import { sharingAdvice } from './sharing.ts';

/** Undefined where the Service can have it; quota isn't asked here. */
export function obstacleTo(ask: Ask, pool: Pool, address: Address): Failure | undefined {
  const { ledger, now } = ask.world;
  const field = ask.request.requestedAddressesFrom;
  const obstacle = ledger.obstacle(ask.claimant, address, ask.sharing, now);
  if (obstacle === undefined) {
    return isAvoided(ask, pool, address) ? { kind: 'address-avoided', address, pool: pool.name, field } : undefined;
  }
  switch (obstacle.kind) {
    case 'taken': {
      const { key: holder, namespace } = obstacle.holder;
      const sameNamespace = namespace === ask.request.namespace;
      return { kind: 'address-taken', address, pool: pool.name, holder, sameNamespace, field };
    }
    case 'incompatible':
      return incompatible(ask, address, sharingOf(obstacle), false, field);
    case 'reserved': {
      const { name: reservation, namespace, service, holdDown, contestedBy: by } = obstacle.reservation;
      const holder = service === undefined ? namespace : `${namespace}/${service}`;
      const contested = by === undefined ? undefined : { by, reservation };
      return { kind: 'address-reserved', address, pool: pool.name, holder, holdDown, contested, field };
    }
    case 'outside-pools':
      return { kind: 'address-outside', address, nearest: obstacle.nearest, pools: [], field };
  }
}

/** The sharing that failed, with other addresses under the key that would take the Service. */
function incompatible(ask: Ask, address: Address, found: Sharing, holds: boolean, field: string): Failure {
  const { ledger, now } = ask.world;
  const { holder, why, port } = found;
  const alternatives = ledger
    .sharedAddresses(ask.claimant, ask.sharing, now)
    .filter((each) => each.obstacle === undefined && each.address.family === address.family)
    .map((each) => each.address);
  return {
    kind: 'address-incompatible',
    address,
    pool: ledger.poolOf(address)?.name,
    holder: holder.key,
    why,
    key: ask.request.sharingKey ?? '',
    holderKey: holder.namespace === ask.request.namespace ? holder.sharingKey : undefined,
    port,
    alternatives,
    advice: why === 'namespace' ? sharingAdvice(ask.world, ask.request, holder.namespace) : undefined,
    holds,
    field,
  };
}

function sharingOf({ holder, why, port }: Incompatible): Sharing {
  return { holder, why: why === 'key' && holder.sharingKey === undefined ? 'holder-unkeyed' : why, port };
}

type Why = (Failure & { readonly kind: 'address-incompatible' })['why'];

interface Sharing {
  readonly holder: Claim;
  readonly why: Why;
  readonly port: Port | undefined;
}

/** An update would end the sharing of an address that the Service holds. */
export function clashFailure(ask: Ask, { address, holder, clash }: ClashOn): Failure {
  const why = clash.why === 'exclusive' ? exclusiveSide(ask, holder) : clash.why;
  return incompatible(ask, address, { holder, why, port: clash.port }, true, fieldOf(why));
}

function exclusiveSide(ask: Ask, holder: Claim): Why {
  return ask.request.sharingKey === undefined || holder.sharingKey !== undefined ? 'unkeyed' : 'holder-unkeyed';
}

function fieldOf(why: Why): string {
  switch (why) {
    case 'unkeyed':
    case 'holder-unkeyed':
    case 'key':
    case 'namespace':
      return annotationPath(ALLOW_SHARED_IP);
    case 'port':
      return 'spec.ports';
    case 'traffic-policy':
      return 'spec.externalTrafficPolicy';
    case 'backends':
      return 'spec.selector';
  }
}

/** What a Service holds since before the pool began to avoid it stays its own. */
function isAvoided(ask: Ask, pool: Pool, address: Address): boolean {
  if (!pool.avoidBuggyIPs || address.family !== 'IPv4') return false;
  const last = address.value & 0xffn;
  return (last === 0n || last === 0xffn) && !isOneOf(address, ask.held);
}
