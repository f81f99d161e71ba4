/** The node's network interfaces, and which of them an address is announced on. */
import type { Address } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import { type Prefix, prefixContains } from '../net/prefix.ts';

export interface Link {
  /** Kernel's number; another one after the interface is made anew. */
  readonly index: number;
  readonly name: string;
  readonly mac: Mac;
  /** Administratively up, and with carrier. */
  readonly isUp: boolean;
  /** Ethernet, and neither loopback nor a port of a bond or bridge. */
  readonly canAnnounce: boolean;
  /** Subnets of the interface's own addresses. */
  readonly prefixes: readonly Prefix[];
}

/**
 * Interfaces that lead to pods and containers, never to the LAN: the list that
 * MetalLB ships, so that a drop-in announces on the same ones. One that an
 * advertisement names is used all the same.
 */
const INWARD =
  /^(docker|cbr|dummy|virbr|lxcbr|veth|lo$|cali|tunl|flannel|kube-ipvs|cni|nodelocaldns|lxc|cilium_|kube-bridge|vxlan)/;

/**
 * Where an address is announced:
 * - `links`: here;
 * - `NoSuchInterface`: the advertisements name none that this node has;
 * - `LinkDown`: those it may use are down or without carrier.
 */
export type LinkChoice =
  | { readonly kind: 'links'; readonly links: readonly Link[]; readonly isOnSubnet: boolean }
  | { readonly kind: 'none'; readonly reason: 'NoSuchInterface' | 'LinkDown' };

/**
 * Interfaces named by the advertisements; without names those whose subnet
 * holds the address; where no subnet does, every one that leads outward.
 */
export function chooseLinks(address: Address, names: readonly string[], links: readonly Link[]): LinkChoice {
  const allowed = links.filter((link) => link.canAnnounce && isAllowed(link, names));
  if (allowed.length === 0) return { kind: 'none', reason: 'NoSuchInterface' };
  const onSubnet = allowed.filter((link) => link.prefixes.some((prefix) => prefixContains(prefix, address)));
  const fit = names.length === 0 && onSubnet.length > 0 ? onSubnet : allowed;
  const up = fit.filter((link) => link.isUp);
  if (up.length === 0) return { kind: 'none', reason: 'LinkDown' };
  return { kind: 'links', links: up, isOnSubnet: onSubnet.length > 0 };
}

/** Whether an interface leads to the LAN, as far as its name tells. */
export function isOutward(name: string): boolean {
  return !INWARD.test(name);
}

function isAllowed(link: Link, names: readonly string[]): boolean {
  return names.length > 0 ? names.includes(link.name) : isOutward(link.name);
}
