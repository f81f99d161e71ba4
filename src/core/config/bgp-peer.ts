/** BGPPeer: a configured BGP neighbour and the nodes that open a session with it. */
import type { Address } from '../net/address.ts';
import type { Selector } from './selector.ts';

export interface BgpPeer {
  readonly name: string;
  readonly myAsn: number;
  /** The neighbour's AS number, or how it is learned from its OPEN message. */
  readonly peerAsn: number | 'internal' | 'external';
  /** AS number shown to this peer in place of `myAsn`. */
  readonly localAsn: number | undefined;
  /** Where the neighbour is: an address to dial, or the interface of an unnumbered session. */
  readonly endpoint:
    | { readonly kind: 'address'; readonly address: Address }
    | { readonly kind: 'interface'; readonly interface: string };
  readonly sourceAddress: Address | undefined;
  readonly port: number;
  /** Proposed hold time; undefined: the engine's default. 0 turns keepalives off (RFC 4271, 4.2). */
  readonly holdTimeSeconds: number | undefined;
  readonly keepaliveTimeSeconds: number | undefined;
  readonly connectTimeSeconds: number | undefined;
  /** BGP identifier in dotted form; undefined: the node's own. */
  readonly routerId: Address | undefined;
  /** Empty: every node. */
  readonly nodeSelectors: readonly Selector[];
  readonly password: PeerPassword | undefined;
  readonly bfdProfile: string | undefined;
  readonly enableGracefulRestart: boolean;
  readonly ebgpMultiHop: boolean;
  readonly vrf: string | undefined;
  readonly dualStackAddressFamily: boolean;
  readonly disableMp: boolean;
  readonly generation: number;
}

/** TCP MD5 password (RFC 2385): in the object, or in a Secret of type kubernetes.io/basic-auth under the key `password`. */
export type PeerPassword =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'secret'; readonly name: string; readonly namespace: string };
