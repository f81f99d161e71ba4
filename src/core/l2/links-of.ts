/** Interfaces as the kernel tells them, turned into links that can be announced on or not. */
import { prefixOf } from '../net/prefix.ts';
import type { AddressMessage, LinkMessage } from '../wire/rtnetlink.ts';
import type { Link } from './link.ts';

const ETHERNET = 1;
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;
const IFF_LOWER_UP = 0x10000;

/** By index. An interface without a 48-bit address is left out. */
export function linksOf(
  links: readonly LinkMessage[],
  addresses: readonly Pick<AddressMessage, 'index' | 'address' | 'prefixLength'>[],
): readonly Link[] {
  const kinds = new Map(links.map((each) => [each.index, each.linkKind]));
  return links.flatMap((each): readonly Link[] => {
    if (each.mac === undefined) return [];
    // A port of a bond or bridge hands its frames to its master; a VRF only groups interfaces.
    const isPort = each.master !== undefined && kinds.get(each.master) !== 'vrf';
    const silent = (each.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0;
    return [
      {
        index: each.index,
        name: each.name,
        mac: each.mac,
        isUp: (each.flags & IFF_UP) !== 0 && (each.flags & IFF_LOWER_UP) !== 0,
        canAnnounce: each.hardwareType === ETHERNET && !isPort && !silent,
        prefixes: addresses
          .filter((address) => address.index === each.index)
          .map((address) => prefixOf(address.address, address.prefixLength)),
      },
    ];
  });
}
