/** Step 1: the Service asks for addresses. They are given as asked, or not at all. */
import type { Pool } from '../../config/configuration.ts';
import { invariant } from '../../invariant.ts';
import { type Address, isOneOf } from '../../net/address.ts';
import { asksForAddress, asksForNoAddress } from '../../status/because.ts';
import { tryPool } from '../allocate.ts';
import { type Ask, findPool } from '../ask.ts';
import type { Failure, NamedBy } from '../failure.ts';
import { otherFamily } from '../families.ts';
import { noneServes, poolAbsent, poolForbidden } from '../none-serves.ts';
import { obstacleTo } from '../obstacle.ts';
import { shutOut } from '../permission.ts';
import { type Answer, failed, passed } from './answer.ts';

export function requestedAddress(ask: Ask): Answer {
  const { requestedAddresses: addresses, requestedAddressesFrom: field } = ask.request;
  if (addresses.length === 0) return passed(asksForNoAddress());
  const place = placeOf(ask);
  if ('kind' in place) return failed(place);
  const failure =
    addresses.map((address) => obstacleTo(ask, place, address)).find((found) => found !== undefined) ??
    missingFamily(ask, addresses);
  if (failure !== undefined) return failed(failure);
  const trial = tryPool(ask, place, addresses);
  const withheld = addresses.find((asked) => !isOneOf(asked, trial.addresses));
  if (withheld !== undefined) {
    invariant(trial.passed !== undefined, 'a pool that withholds a free address says why');
    const tried = [{ pool: place.name, passed: trial.passed }];
    return failed(noneServes(ask, tried, { kind: 'address', path: field, address: withheld }), tried);
  }
  const because = asksForAddress(addresses, field, place.name);
  return { kind: 'chose', pool: place.name, addresses: trial.addresses, because, tried: [] };
}

/** The one pool that all the addresses lie in, and that the Service may have. */
function placeOf(ask: Ask): Pool | Failure {
  const { requestedAddresses: addresses, requestedAddressesFrom: field } = ask.request;
  const { configuration, ledger } = ask.world;
  if (configuration.pools.size === 0) return { kind: 'no-pools' };
  const stranger = addresses.find((address) => !ask.families.includes(address.family));
  if (stranger) return { kind: 'address-family', address: stranger, families: ask.families, field };
  const places = addresses.map((address) => ({ address, pool: ledger.poolOf(address) }));
  const outside = places.find(({ pool }) => pool === undefined);
  const absent = absentPool(ask);
  if (outside) {
    // The pool that the Service names beside may bring the address with it.
    if (absent !== undefined) return absent;
    const nearest = ledger.nearest(outside.address);
    return {
      kind: 'address-outside',
      address: outside.address,
      nearest,
      pools: [...configuration.pools.keys()],
      field,
    };
  }
  const [first, ...others] = places.flatMap(({ address, pool }) => (pool ? [{ address, pool }] : []));
  if (first === undefined) return { kind: 'no-pools' };
  if (others.some(({ pool }) => pool.name !== first.pool.name)) {
    const apart = [first, ...others].map(({ address, pool }) => ({ address, pool: pool.name }));
    return { kind: 'addresses-apart', addresses: apart, field };
  }
  return contradiction(ask, first) ?? first.pool;
}

function absentPool(ask: Ask): Failure | undefined {
  const { requestedPool: pool, requestedPoolFrom: path } = ask.request;
  if (pool === undefined) return undefined;
  const found = findPool(ask, pool);
  return typeof found === 'string' ? poolAbsent(ask, pool, found, { kind: 'annotation', path }) : undefined;
}

function contradiction(ask: Ask, place: { readonly address: Address; readonly pool: Pool }): Failure | undefined {
  const { requestedPool: named, requestedPoolFrom: namedFrom, requestedAddressesFrom: addressFrom } = ask.request;
  if (named !== undefined && named !== place.pool.name) {
    const found = findPool(ask, named);
    const missing = typeof found === 'string' ? found : undefined;
    const { address, pool } = place;
    return { kind: 'pool-contradicts-address', address, addressFrom, pool: pool.name, named, namedFrom, missing };
  }
  const namedBy: NamedBy = { kind: 'address', path: addressFrom, address: place.address };
  if (place.pool.deleting) return poolAbsent(ask, place.pool.name, 'deleting', namedBy);
  const pinned = shutOut(place.pool, ask);
  // A reservation for the Service is the platform's own word: it opens one address of a pool that is pinned to others.
  if (pinned === undefined || ask.request.requestedAddresses.every((each) => isReservedForIt(ask, each))) {
    return undefined;
  }
  return poolForbidden(ask, place.pool.name, pinned, namedBy);
}

function isReservedForIt(ask: Ask, address: Address): boolean {
  const { ledger, now } = ask.world;
  const { namespace, name } = ask.request;
  return ledger
    .reservationsAt(address, now)
    .some((each) => each.namespace === namespace && (each.service === undefined || each.service === name));
}

/** RequireDualStack beside one address: which other one is meant is the author's to say, as in MetalLB. */
function missingFamily(ask: Ask, addresses: readonly Address[]): Failure | undefined {
  const [given] = addresses;
  if (ask.request.familyPolicy !== 'RequireDualStack' || given === undefined || addresses.length > 1) return undefined;
  const field = ask.request.requestedAddressesFrom;
  return { kind: 'address-missing', given, missing: otherFamily(given.family), field };
}
