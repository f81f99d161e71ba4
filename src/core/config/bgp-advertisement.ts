/** BGPAdvertisement: which routes are sent for the addresses of which pools, to which peers. */
import type { Advertisement } from './advertisement.ts';
import type { CommunityValue } from './community.ts';

export interface BgpAdvertisement extends Advertisement {
  /** Prefix length of the IPv4 routes, 1 to 32. */
  readonly aggregationLength: number;
  /** Prefix length of the IPv6 routes, 1 to 128. */
  readonly aggregationLengthV6: number;
  /** LOCAL_PREF, sent to internal peers only; 0 where the object gives none. */
  readonly localPref: number;
  /** Aliases are resolved already. */
  readonly communities: readonly CommunityValue[];
  /** Names of BGPPeers; empty: every peer. */
  readonly peers: readonly string[];
  readonly generation: number;
}
