/** What is legal, works as written, and is hardly meant so. */
import { advertisesPool } from '../../core/config/advertisement.ts';
import type { Configuration, Pool } from '../../core/config/configuration.ts';
import { type Family, formatAddress, parseAddress } from '../../core/net/address.ts';
import { rangeContains, rangeSize } from '../../core/net/range.ts';
import { count, list, quote } from '../../core/status/text.ts';
import type { ServiceOutlook, WishOutlook } from '../forecast/report.ts';
import { requestOf } from '../forecast/request-of.ts';
import type { Wanted } from '../forecast/wanted.ts';
import type { Location, SourceProblem } from '../manifest.ts';

export interface LintGround {
  readonly wanted: Wanted;
  /** As it is after everything. */
  readonly configuration: Configuration;
  readonly services: readonly ServiceOutlook[];
  readonly wishes: readonly WishOutlook[];
  /** Pools whose addresses aren't known here. */
  readonly hidden: ReadonlySet<string>;
  readonly families: readonly Family[];
}

/** Only about objects that a manifest has: what is in the cluster alone is nobody's to mend here. */
export function lintsOf(ground: LintGround): readonly SourceProblem[] {
  return [
    ...unannounced(ground),
    ...withoutPeer(ground),
    ...onlyAddress(ground),
    ...pinsInAutomaticPools(ground),
    ...sameAddressTwice(ground),
  ];
}

function placeOf({ wanted }: LintGround, kind: string, name: string): Location | undefined {
  return wanted.configuration.find((each) => each.kind === kind && each.object.metadata.name === name)?.manifest.at;
}

function unannounced(ground: LintGround): readonly SourceProblem[] {
  const { l2Advertisements, bgpAdvertisements, pools } = ground.configuration;
  const advertisements = [...l2Advertisements, ...bgpAdvertisements];
  return [...pools.values()].flatMap((pool): SourceProblem[] => {
    const at = placeOf(ground, 'IPAddressPool', pool.name);
    if (at === undefined || advertisements.some((each) => advertisesPool(each, pool))) return [];
    const message = `IPAddressPool ${quote(pool.name)} is announced by nobody: its addresses are given and never answer; add an L2Advertisement or a BGPAdvertisement that covers it`;
    return [{ severity: 'warning', rule: 'pool-without-advertisement', at, message }];
  });
}

function withoutPeer(ground: LintGround): readonly SourceProblem[] {
  const { bgpAdvertisements, bgpPeers } = ground.configuration;
  if (bgpPeers.length > 0) return [];
  return bgpAdvertisements.flatMap((advertisement): SourceProblem[] => {
    const at = placeOf(ground, 'BGPAdvertisement', advertisement.name);
    const message = `BGPAdvertisement ${quote(advertisement.name)} has no peer to go to: no BGPPeer exists; add one, or remove the advertisement`;
    return at === undefined ? [] : [{ severity: 'warning', rule: 'advertisement-without-peer', at, message }];
  });
}

function isOpen(pool: Pool): boolean {
  return pool.autoAssign && pool.serviceAllocation === undefined;
}

function onlyAddress(ground: LintGround): readonly SourceProblem[] {
  return [...ground.configuration.pools.values()].flatMap((pool): SourceProblem[] => {
    const at = placeOf(ground, 'IPAddressPool', pool.name);
    const single = pool.ranges.every((range) => rangeSize(range) === 1n) && pool.ranges.length <= pool.families.length;
    if (at === undefined || !isOpen(pool) || !single) return [];
    const message = `IPAddressPool ${quote(pool.name)} has one address and is given automatically: whichever Service comes first has it; set autoAssign: false, or reserve the address`;
    return [{ severity: 'warning', rule: 'one-address-pool', at, message }];
  });
}

/** One line a pool: in a small cluster that is everybody. */
function pinsInAutomaticPools(ground: LintGround): readonly SourceProblem[] {
  const { wanted, configuration, wishes, families } = ground;
  const pins = [
    ...[...wanted.services].flatMap(([key, { object }]) =>
      requestOf(object, families).requestedAddresses.map((address) => ({ who: key, address })),
    ),
    ...wishes.flatMap((wish) =>
      wish.addresses.flatMap((text) => {
        const address = parseAddress(text);
        return address.ok ? [{ who: `${wish.in} ${wish.path}`, address: address.value }] : [];
      }),
    ),
  ];
  return [...configuration.pools.values()].flatMap((pool): SourceProblem[] => {
    const at = placeOf(ground, 'IPAddressPool', pool.name);
    if (at === undefined || !isOpen(pool)) return [];
    const loose = pins.filter(
      ({ address }) =>
        pool.ranges.some((range) => rangeContains(range, address)) && !isReserved(configuration, address),
    );
    if (loose.length === 0) return [];
    const texts = [...new Set(loose.map(({ address }) => formatAddress(address)))].sort();
    const message =
      `IPAddressPool ${quote(pool.name)} is given automatically, and ${count(texts.length, 'address is', 'addresses are')} asked for by name in it (${list(texts, 4)}): ` +
      'an automatic Service that comes first may have one of them; reserve them by AddressReservation, or keep them in a pool with autoAssign: false';
    return [{ severity: 'note', rule: 'pin-in-automatic-pool', at, message }];
  });
}

function isReserved({ reservations }: Configuration, address: Parameters<typeof rangeContains>[1]): boolean {
  return reservations.some(({ ranges }) => ranges.some((range) => rangeContains(range, address)));
}

/** Two places ask for one address without a sharing key in common. Services alone are decided, not guessed. */
function sameAddressTwice({ wishes, wanted, families }: LintGround): readonly SourceProblem[] {
  const byAddress = new Map<
    string,
    { readonly who: string; readonly key: string | undefined; readonly at: Location }[]
  >();
  const add = (text: string, who: string, key: string | undefined, at: Location): void => {
    const address = parseAddress(text);
    const name = address.ok ? formatAddress(address.value) : undefined;
    if (name === undefined) return;
    const known = byAddress.get(name);
    if (known === undefined) byAddress.set(name, [{ who, key, at }]);
    else known.push({ who, key, at });
  };
  for (const wish of wishes)
    for (const text of wish.addresses) add(text, `${wish.in} ${wish.path}`, wish.sharingKey, wish.at);
  const wished = new Set(byAddress.keys());
  for (const [key, { object, manifest }] of wanted.services) {
    const request = requestOf(object, families);
    for (const address of request.requestedAddresses) {
      const text = formatAddress(address);
      if (wished.has(text)) add(text, `Service ${key}`, request.sharingKey, manifest.at);
    }
  }
  return [...byAddress].flatMap(([address, all]): SourceProblem[] => {
    const [first, ...others] = all;
    const other = others.find((each) => each.key === undefined || each.key !== first?.key);
    if (first === undefined || other === undefined) return [];
    const message = `${address} is asked for by ${first.who} and by ${other.who}, and they have no sharing key in common: one of them is refused; ask for another address, or give both the same metallb.io/allow-shared-ip`;
    return [{ severity: 'warning', rule: 'address-asked-twice', at: other.at, message }];
  });
}
