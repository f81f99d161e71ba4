/**
 * Every refusal in one sentence that is enough alone: what was tried, what is
 * in the way with its numbers, and what to do. Of another namespace it names
 * the holder of an address and nothing else.
 */
import { LOAD_BALANCER_IPS } from '../api/names.ts';
import { formatAddress } from '../net/address.ts';
import { formatRange } from '../net/range.ts';
import type { Failure, NamedBy } from '../policy/failure.ts';
import { missingSentence, pinnedSentence } from './candidate.ts';
import { noneServesSentence } from './none-serves.ts';
import { problemSentence } from './problem.ts';
import { askFor, remedies } from './remedy.ts';
import { incompatibleSentence } from './sharing.ts';
import { count, field, list, quote } from './text.ts';

/** One line without a full stop. */
export function refusalSentence(failure: Failure): string {
  switch (failure.kind) {
    case 'invalid-request': {
      const [first, ...others] = failure.problems;
      const more = others.length === 0 ? '' : ` (and ${count(others.length, 'more problem')})`;
      return `Cannot assign an address: ${first === undefined ? 'the Service is malformed' : problemSentence(first)}${more}`;
    }
    case 'one-family-only':
      return (
        `Cannot assign two families: spec.ipFamilyPolicy is RequireDualStack, but the Service has only ` +
        `${failure.family}; set PreferDualStack, or use a dual-stack cluster`
      );
    case 'address-family':
      return (
        `Cannot assign address ${formatAddress(failure.address)}: it is ${failure.address.family}, but the Service has ` +
        `only ${list(failure.families)}; ask for an ${list(failure.families)} address, or change spec.ipFamilies`
      );
    case 'address-missing':
      return (
        `Cannot assign address ${formatAddress(failure.given)} alone: spec.ipFamilyPolicy is RequireDualStack, and no ` +
        `${failure.missing} address is asked for; name one of each family in annotation ${LOAD_BALANCER_IPS}, ` +
        'or set PreferDualStack'
      );
    case 'address-outside':
      return outsideSentence(failure);
    case 'address-avoided':
      return (
        `Cannot assign address ${formatAddress(failure.address)}: pool ${quote(failure.pool)} avoids addresses that ` +
        'end in .0 or .255; ask for another address of the pool, or have its avoidBuggyIPs unset'
      );
    case 'addresses-apart':
      return (
        `Cannot assign addresses ${list(failure.addresses.map(({ address }) => formatAddress(address)))}: they lie in ` +
        `pools ${list(failure.addresses.map(({ pool }) => quote(pool)))}, and one pool must serve both families; ` +
        'ask for two addresses of one pool'
      );
    case 'pool-contradicts-address':
      return contradictionSentence(failure);
    case 'address-reserved': {
      const head = `Cannot assign address ${formatAddress(failure.address)} of pool ${quote(failure.pool)}`;
      const { contested } = failure;
      if (contested !== undefined) {
        const once = `delete AddressReservation ${quote(contested.reservation)} once that host has another one`;
        return `${head}: another host, ${contested.by}, has it; ask for another address, or have an operator ${once}`;
      }
      const kept = failure.holdDown
        ? `it is held down for ${failure.holder}, which released it`
        : `it is reserved for ${failure.holder}`;
      return `${head}: ${kept}; ask for another address, or drop ${field(failure.field)}`;
    }
    case 'address-taken': {
      const share = failure.sameNamespace ? ['give both Services the same annotation metallb.io/allow-shared-ip'] : [];
      return (
        `Cannot assign address ${formatAddress(failure.address)} of pool ${quote(failure.pool)}: ${failure.holder} ` +
        `holds it; ${remedies('ask for another address', share, `drop ${field(failure.field)}`)}`
      );
    }
    case 'address-incompatible':
      return incompatibleSentence(failure);
    case 'pool-absent': {
      return (
        `Waiting for pool ${quote(failure.pool)}${namedClause(failure.namedBy)}: it ${missingSentence(failure.state)}; ` +
        remedies(supply(failure), askFor(failure.alternatives))
      );
    }
    case 'pool-forbidden':
      return (
        `Cannot assign pool ${quote(failure.pool)}${namedClause(failure.namedBy)}: it ${pinnedSentence(failure.pinned)}; ` +
        remedies(askFor(failure.alternatives), admit(failure))
      );
    case 'no-pools':
      return 'Waiting for a pool: no IPAddressPool exists; create one';
    case 'none-open': {
      const { namespace, alternatives } = failure;
      return (
        `Waiting for a pool: none is open to every Service, and none is pinned to this one; ` +
        remedies(askFor(alternatives), `have a pool opened to namespace ${namespace}`)
      );
    }
    case 'none-serves':
      return noneServesSentence(failure);
  }
}

/** Who names the pool, where it isn't the author's own annotation. */
function namedClause(namedBy: NamedBy): string {
  switch (namedBy.kind) {
    case 'annotation':
    case 'held':
    case 'nobody':
      return '';
    case 'address':
      return `, in which ${formatAddress(namedBy.address)} lies`;
    case 'namespace-label':
      return `, which label berth.dev/pool of namespace ${namedBy.namespace} names`;
    case 'policy':
      return `, which AddressPolicy ${quote(namedBy.policy)} names`;
  }
}

function supply({ state, namedBy, alternatives }: Failure & { readonly kind: 'pool-absent' }): readonly string[] {
  if (state === 'faulty') return ['have the pool corrected'];
  const create = state === 'absent' ? 'create the pool' : 'have the pool created anew';
  switch (namedBy.kind) {
    case 'annotation':
      return alternatives.length > 0 ? [create] : [create, `correct ${field(namedBy.path)}`];
    case 'namespace-label':
      return [create, 'have the label corrected'];
    case 'policy':
      return [create, 'have the AddressPolicy corrected'];
    case 'address':
    case 'held':
    case 'nobody':
      return [create];
  }
}

function admit({ pinned, namespace }: Failure & { readonly kind: 'pool-forbidden' }): string {
  if (pinned.by === 'labels') return `label the Service ${pinned.wanted}`;
  return `have namespace ${namespace} added to the pool's serviceAllocation`;
}

function outsideSentence(failure: Failure & { readonly kind: 'address-outside' }): string {
  const { address, nearest, pools, field: path } = failure;
  const near =
    nearest === undefined
      ? `no pool has an ${address.family} range`
      : `the nearest range is ${formatRange(nearest.range)} of pool ${quote(nearest.pool)}`;
  const all = pools.length > 1 ? ` (of ${pools.length} pools: ${list(pools.map(quote))})` : '';
  return (
    `Cannot assign address ${formatAddress(address)}: it lies in no pool, and ${near}${all}; ` +
    `ask for an address of a pool, or drop ${field(path)}`
  );
}

function contradictionSentence(failure: Failure & { readonly kind: 'pool-contradicts-address' }): string {
  const { address, addressFrom, pool, named, namedFrom, missing } = failure;
  if (missing !== undefined) {
    return (
      `Waiting for pool ${quote(named)}: it ${missingSentence(missing)}, and address ${formatAddress(address)} lies in pool ` +
      `${quote(pool)}; drop ${field(namedFrom)} to get the address`
    );
  }
  return (
    `Cannot assign address ${formatAddress(address)} from pool ${quote(named)}: the address lies in pool ${quote(pool)}; ` +
    `drop ${field(namedFrom)} to get the address, or ${field(addressFrom)} to get another one of pool ${quote(named)}`
  );
}
