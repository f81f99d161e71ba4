/**
 * IPv6 multicast memberships of the host, beside those of the packet sockets:
 * only they send MLD reports, without which a switch that snoops never passes
 * a solicitation on.
 */
import { type Address, addressToBytes } from '../../core/net/address.ts';
import { closeDescriptor, errno, openSocket, SOCK_DGRAM, SystemCallError, setOption } from './libc.ts';

const AF_INET6 = 10;
const IPPROTO_IPV6 = 41;
const IPV6_JOIN_GROUP = 20;
const IPV6_LEAVE_GROUP = 21;

/** The kernel bounds the memberships of one socket by net.core.optmem_max; 100 fit everywhere. */
const GROUPS_PER_SOCKET = 100;

interface Membership {
  readonly fd: number;
  readonly request: Uint8Array;
}

export class GroupMemberships {
  readonly #memberships = new Map<string, Membership>();
  /** Memberships held by each socket. */
  readonly #sockets = new Map<number, number>();

  /** Joins unless joined. @throws SystemCallError EAFNOSUPPORT on a host without IPv6, ENODEV for an interface that went. */
  join(index: number, group: Address): void {
    const key = keyOf(index, group);
    if (this.#memberships.has(key)) return;
    const fd = [...this.#sockets].find(([, count]) => count < GROUPS_PER_SOCKET)?.[0] ?? this.#open();
    const request = encodeRequest(index, group);
    setOption(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, request);
    this.#sockets.set(fd, (this.#sockets.get(fd) ?? 0) + 1);
    this.#memberships.set(key, { fd, request });
  }

  /** Leaves if joined. */
  leave(index: number, group: Address): void {
    const key = keyOf(index, group);
    const held = this.#memberships.get(key);
    if (held === undefined) return;
    this.#memberships.delete(key);
    this.#sockets.set(held.fd, (this.#sockets.get(held.fd) ?? 1) - 1);
    try {
      setOption(held.fd, IPPROTO_IPV6, IPV6_LEAVE_GROUP, held.request);
    } catch (error) {
      // The kernel dropped it together with the interface.
      const gone = [errno.ENODEV, errno.EADDRNOTAVAIL, errno.ENXIO];
      if (!(error instanceof SystemCallError) || !gone.includes(error.errno)) throw error;
    }
  }

  close(): void {
    for (const fd of this.#sockets.keys()) closeDescriptor(fd);
    this.#sockets.clear();
    this.#memberships.clear();
  }

  #open(): number {
    const fd = openSocket(AF_INET6, SOCK_DGRAM, 0);
    this.#sockets.set(fd, 0);
    return fd;
  }
}

function keyOf(index: number, group: Address): string {
  return `${index}/${group.value}`;
}

/** struct ipv6_mreq. */
function encodeRequest(index: number, group: Address): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(addressToBytes(group));
  new DataView(bytes.buffer).setUint32(16, index, true);
  return bytes;
}
