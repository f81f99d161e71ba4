/** Every kind that Berth brings. */
import { addressPolicy } from './address-policy.ts';
import { addressReservation } from './address-reservation.ts';
import { bfdProfile } from './bfd-profile.ts';
import { bgpAdvertisement } from './bgp-advertisement.ts';
import { bgpPeer } from './bgp-peer.ts';
import { community } from './community.ts';
import { ipAddressPool } from './ip-address-pool.ts';
import type { KindDefinition } from './kind-definition.ts';
import { l2Advertisement } from './l2-advertisement.ts';
import { configurationState, serviceBGPStatus, serviceL2Status } from './service-status.ts';

export const ALL_KINDS: readonly KindDefinition[] = [
  ipAddressPool,
  l2Advertisement,
  bgpAdvertisement,
  bgpPeer,
  community,
  bfdProfile,
  serviceL2Status,
  serviceBGPStatus,
  configurationState,
  addressPolicy,
  addressReservation,
];
