/**
 * When two Services may have one address: MetalLB's rules
 * (https://metallb.io/usage/#ip-address-sharing), but a key counts only within
 * its namespace, unless an AddressPolicy names namespaces that share.
 */
import type { Port } from '../config/service-request.ts';
import type { Claimant } from './claim.ts';

/** Tells whether two different namespaces may share an address under an equal key; symmetric. */
export type MayShare = (a: string, b: string) => boolean;

/** The first rule that keeps two Services from sharing an address. */
export interface Clash {
  /**
   * `exclusive`: one of the two has no sharing key. `namespace`: their namespaces may not share.
   * `key`: their keys differ. `port`: both want one (protocol, port). `traffic-policy`: one is
   * Local and one Cluster, on different backends. `backends`: both are Local, on different backends.
   */
  readonly why: 'exclusive' | 'namespace' | 'key' | 'port' | 'traffic-policy' | 'backends';
  /** With `port`: which one. */
  readonly port?: Port;
}

/** Asks the rules in the order of `Clash.why`; undefined where the two may share. Symmetric but for the port's order. */
export function clash(claimant: Claimant, holder: Claimant, mayShare: MayShare): Clash | undefined {
  if (claimant.sharingKey === undefined || holder.sharingKey === undefined) return { why: 'exclusive' };
  if (claimant.namespace !== holder.namespace && !mayShare(claimant.namespace, holder.namespace)) {
    return { why: 'namespace' };
  }
  if (claimant.sharingKey !== holder.sharingKey) return { why: 'key' };
  const port = claimant.ports.find((wanted) => holder.ports.some((held) => samePort(wanted, held)));
  if (port !== undefined) return { why: 'port', port };
  return backendClash(claimant, holder);
}

/** Tells whether two ports are one to the network: the protocol counts, so TCP 53 and UDP 53 don't meet. */
export function samePort(a: Port, b: Port): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}

/**
 * Under `Local`, the node that announces the address must have an endpoint of
 * every Service on it; only equal backends promise that.
 */
function backendClash(claimant: Claimant, holder: Claimant): Clash | undefined {
  if (claimant.trafficPolicy === 'Cluster' && holder.trafficPolicy === 'Cluster') return undefined;
  if (claimant.backends !== '' && claimant.backends === holder.backends) return undefined;
  return { why: claimant.trafficPolicy === holder.trafficPolicy ? 'backends' : 'traffic-policy' };
}
