/** The nodes whose speakers hear each other, from the Node objects. */
import type { Node } from '../core/api/kubernetes.ts';
import { parseAddress } from '../core/net/address.ts';
import type { Member } from './l2/messages.ts';

/** By name. A node without an internal address can't be reached and is left out. */
export function membersOf(nodes: Iterable<Node>): readonly Member[] {
  const members = [...nodes].flatMap((node): readonly Member[] => {
    const internal = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP');
    const parsed = internal.map(({ address }) => parseAddress(address)).find((each) => each.ok);
    return parsed?.ok ? [{ node: node.metadata.name, address: parsed.value }] : [];
  });
  return members.sort((a, b) => (a.node < b.node ? -1 : 1));
}

/** Whether two lists name the same nodes at the same addresses. */
export function sameMembers(a: readonly Member[], b: readonly Member[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ node, address }, at) => {
      const other = b[at];
      return (
        other !== undefined &&
        other.node === node &&
        other.address.family === address.family &&
        other.address.value === address.value
      );
    })
  );
}
