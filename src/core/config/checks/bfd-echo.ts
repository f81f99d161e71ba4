/** BFD's echo function exists for IPv4 only in the engines that have it. */
import { advertisesPool } from '../advertisement.ts';
import type { BfdProfile } from '../bfd-profile.ts';
import type { BgpAdvertisement } from '../bgp-advertisement.ts';
import type { BgpPeer } from '../bgp-peer.ts';
import type { Pool } from '../configuration.ts';
import { type Entry, standing } from '../entry.ts';

/** Reports advertisements that send IPv6 pools to a peer whose BFD profile has echo on. */
export function checkBfdEcho(
  entries: readonly Entry<BgpAdvertisement>[],
  pools: ReadonlyMap<string, Pool>,
  peers: readonly Entry<BgpPeer>[],
  profiles: readonly Entry<BfdProfile>[],
): void {
  const withEcho = new Set(standing(profiles).flatMap(({ value }) => (value.echoMode ? [value.name] : [])));
  const echoing = standing(peers).filter(
    ({ value }) => value.bfdProfile !== undefined && withEcho.has(value.bfdProfile),
  );
  if (echoing.length === 0) return;
  for (const entry of standing(entries)) {
    const { value } = entry;
    const peer = echoing.find(({ name }) => value.peers.length === 0 || value.peers.includes(name));
    const pool = [...pools.values()].find((each) => each.families.includes('IPv6') && advertisesPool(value, each));
    if (peer === undefined || pool === undefined) continue;
    const message = `covers IPv6 pool "${pool.name}" for BGPPeer "${peer.name}", whose BFDProfile has echoMode on`;
    const remedy = 'turn echoMode off, or send IPv6 pools to other peers';
    entry.dispute('spec', undefined, message, remedy);
  }
}
