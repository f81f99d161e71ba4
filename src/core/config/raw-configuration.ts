/** Configuration objects as they come from the apiserver or a file, not looked at yet. */
import type { KubeObject } from '../api/kubernetes.ts';

export interface RawConfiguration {
  readonly ipAddressPools: readonly KubeObject[];
  readonly addressPolicies: readonly KubeObject[];
  readonly addressReservations: readonly KubeObject[];
  readonly l2Advertisements: readonly KubeObject[];
  readonly bgpAdvertisements: readonly KubeObject[];
  readonly bgpPeers: readonly KubeObject[];
  readonly communities: readonly KubeObject[];
  readonly bfdProfiles: readonly KubeObject[];
  readonly nodes: readonly KubeObject[];
}

export const EMPTY_RAW_CONFIGURATION: RawConfiguration = {
  ipAddressPools: [],
  addressPolicies: [],
  addressReservations: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  bgpPeers: [],
  communities: [],
  bfdProfiles: [],
  nodes: [],
};
