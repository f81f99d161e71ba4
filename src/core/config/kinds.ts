/** The kinds that people configure Berth with, and where raw ones are kept. */
import type { RawConfiguration } from './raw-configuration.ts';

export const CONFIG_KINDS = [
  'IPAddressPool',
  'AddressPolicy',
  'AddressReservation',
  'L2Advertisement',
  'BGPAdvertisement',
  'BGPPeer',
  'Community',
  'BFDProfile',
] as const;

export type ConfigKind = (typeof CONFIG_KINDS)[number];

/** The list of a RawConfiguration that holds each kind. */
export const RAW_LIST: Readonly<Record<ConfigKind, keyof RawConfiguration>> = {
  IPAddressPool: 'ipAddressPools',
  AddressPolicy: 'addressPolicies',
  AddressReservation: 'addressReservations',
  L2Advertisement: 'l2Advertisements',
  BGPAdvertisement: 'bgpAdvertisements',
  BGPPeer: 'bgpPeers',
  Community: 'communities',
  BFDProfile: 'bfdProfiles',
};

/** Whether a word is one of the kinds. */
export function isConfigKind(word: string): word is ConfigKind {
  return CONFIG_KINDS.some((kind) => kind === word);
}
