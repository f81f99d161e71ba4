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

/** The first clash of two Services, in the order of `Clash.why`; undefined where they may share. */
export function clash(claimant: Claimant, holder: Claimant, mayShare: MayShare): Clash | undefined {
  for (const first of clashes(claimant, holder, mayShare)) return first;
  return undefined;
}

/** Every rule that two Services break together, in the order of `Clash.why`. Symmetric, but for which port is named. */
export function* clashes(claimant: Claimant, holder: Claimant, mayShare: MayShare): Generator<Clash, undefined> {
  const [wanted, held] = [claimant.sharingKey, holder.sharingKey];
  if (wanted === undefined || held === undefined) yield { why: 'exclusive' };
  if (claimant.namespace !== holder.namespace && !mayShare(claimant.namespace, holder.namespace)) {
    yield { why: 'namespace' };
  }
  if (wanted !== undefined && held !== undefined && wanted !== held) yield { why: 'key' };
  const port = claimant.ports.find((one) => holder.ports.some((other) => samePort(one, other)));
  if (port !== undefined) yield { why: 'port', port };
  const backends = backendClash(claimant, holder);
  if (backends !== undefined) yield backends;
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
