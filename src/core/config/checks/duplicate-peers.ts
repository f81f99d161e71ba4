/** Two sessions from one node to one neighbour would fight each other for ever (RFC 4271, 6.8). */
import { formatAddress } from '../../net/address.ts';
import type { BgpPeer } from '../bgp-peer.ts';
import { type Entry, standing } from '../entry.ts';
import { type NodeFacts, shareNode } from './node-facts.ts';

/** Reports a peer with the address, port and VRF of an elder one where a node has both. */
export function checkDuplicatePeers(entries: readonly Entry<BgpPeer>[], nodes: readonly NodeFacts[]): void {
  const byNeighbour = new Map<string, (Entry<BgpPeer> & { readonly value: BgpPeer })[]>();
  for (const entry of standing(entries)) {
    const neighbour = describe(entry.value);
    const elders = byNeighbour.get(neighbour) ?? [];
    const rival = elders.find((elder) => shareNode(elder.value.nodeSelectors, entry.value.nodeSelectors, nodes));
    if (rival === undefined) {
      byNeighbour.set(neighbour, [...elders, entry]);
      continue;
    }
    const message = `is the neighbour of BGPPeer "${rival.name}" on the same nodes`;
    const remedy = 'remove one of the two, or let their nodeSelectors take different nodes';
    entry.report.error(pathOf(entry.value), neighbour, message, remedy);
  }
}

function describe(peer: BgpPeer): string {
  const vrf = peer.vrf === undefined ? '' : ` in VRF ${peer.vrf}`;
  switch (peer.endpoint.kind) {
    case 'address':
      return `${formatAddress(peer.endpoint.address)} port ${peer.port}${vrf}`;
    case 'interface':
      return `interface ${peer.endpoint.interface} port ${peer.port}${vrf}`;
  }
}

function pathOf(peer: BgpPeer): string {
  return peer.endpoint.kind === 'address' ? 'spec.peerAddress' : 'spec.interface';
}
