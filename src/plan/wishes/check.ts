/** What can be said of a wish without its Service: whether the address or pool it names is there. */
import { compareText } from '../../core/config/entry.ts';
import { type Address, formatAddress, parseAddress } from '../../core/net/address.ts';
import type { World } from '../../core/policy/world.ts';
import { refusalSentence } from '../../core/status/refusal.ts';
import { quote } from '../../core/status/text.ts';
import type { WishOutlook } from '../forecast/report.ts';
import { unresolvedIn } from '../forecast/unresolved.ts';
import { compareLocations } from '../manifest.ts';
import type { Wish } from './wish.ts';

/** By place. Ports, counts and addresses that nobody wrote are never made up. */
export function checkedWishes(
  wishes: readonly Wish[],
  world: World,
  hidden: ReadonlyMap<string, string>,
): readonly WishOutlook[] {
  return wishes
    .map((wish): WishOutlook => {
      const { at, path, addresses, pool, sharingKey } = wish;
      return { at, in: wish.in, path, addresses, pool, sharingKey, ...answerTo(wish, world, hidden) };
    })
    .sort((a, b) => compareLocations(a.at, b.at) || compareText(textOf(a), textOf(b)));
}

function textOf({ path, in: carrier, addresses, pool, because }: WishOutlook): string {
  return JSON.stringify([path, carrier, addresses, pool, because]);
}

type Said = Pick<WishOutlook, 'answer' | 'because'>;

function answerTo(wish: Wish, world: World, hidden: ReadonlyMap<string, string>): Said {
  const open = unresolvedIn([wish.addresses, wish.pool ?? '']);
  const { pools } = world.configuration;
  if (wish.pool !== undefined && hidden.has(wish.pool) && wish.addresses.length === 0) {
    return { answer: 'unknown', because: `the addresses of pool ${quote(wish.pool)} aren't known here` };
  }
  if (pools.size === 0 && hidden.size > 0) {
    return {
      answer: 'unknown',
      because: `the addresses of pool ${[...hidden.keys()].map(quote).join(', ')} aren't known here`,
    };
  }
  if (pools.size === 0) return { answer: 'unknown', because: 'no pool is known here' };
  const written = wish.addresses.filter((text) => unresolvedIn(text) === undefined);
  const parsed = written.map((text) => ({ text, address: parseAddress(text) }));
  for (const { text, address } of parsed) {
    if (!address.ok) return { answer: 'refused', because: `address ${quote(text)}: ${address.error}` };
  }
  const addresses = parsed.flatMap(({ address }) => (address.ok ? [address.value] : []));
  for (const address of addresses) {
    const said = placeOf(address, wish, world, hidden);
    if (said !== undefined) return said;
  }
  if (wish.pool !== undefined && !pools.has(wish.pool) && !hidden.has(wish.pool)) {
    const because = `Waiting for pool ${quote(wish.pool)}: it doesn't exist; create the pool, or ask for ${[...pools.keys()].slice(0, 4).map(quote).join(', ')}`;
    return { answer: 'refused', because };
  }
  if (open !== undefined) return { answer: 'unknown', because: `${open.text} isn't known here` };
  if (addresses.length > 0) {
    const from = [...new Set(addresses.map((each) => world.ledger.poolOf(each)?.name ?? ''))];
    return {
      answer: 'allowed',
      because: `${addresses.map(formatAddress).join(', ')} of pool ${from.map(quote).join(', ')}, if nobody else has it`,
    };
  }
  if (wish.pool !== undefined) return { answer: 'allowed', because: `an address of pool ${quote(wish.pool)}` };
  return { answer: 'unknown', because: 'asks for no address and no pool: its namespace and labels decide' };
}

function placeOf(address: Address, wish: Wish, world: World, hidden: ReadonlyMap<string, string>): Said | undefined {
  const { ledger, configuration } = world;
  const place = ledger.poolOf(address);
  if (place === undefined) {
    if (hidden.size > 0) {
      const names = [...hidden.keys()].map(quote).join(', ');
      return {
        answer: 'unknown',
        because: `${formatAddress(address)} lies in no pool that is known here, and the addresses of ${names} aren't`,
      };
    }
    const failure = {
      kind: 'address-outside' as const,
      address,
      nearest: ledger.nearest(address),
      pools: [...configuration.pools.keys()],
      field: 'the address',
    };
    return { answer: 'refused', because: refusalSentence(failure) };
  }
  if (wish.pool !== undefined && wish.pool !== place.name) {
    const because = `Cannot assign address ${formatAddress(address)} from pool ${quote(wish.pool)}: the address lies in pool ${quote(place.name)}; name one of the two`;
    return { answer: 'refused', because };
  }
  return undefined;
}
