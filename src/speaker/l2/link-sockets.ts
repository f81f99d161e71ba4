/** The packet sockets of one interface: ARP and Neighbor Discovery, their filters and groups. */
import type { Link } from '../../core/l2/link.ts';
import { arpFilter, type Instruction, ndpFilter, wideArpFilter, wideNdpFilter } from '../../core/l2/socket-filter.ts';
import { type Address, formatAddress } from '../../core/net/address.ts';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6 } from '../../core/wire/ethernet.ts';
import { multicastMac, solicitedNodeGroup } from '../../core/wire/multicast.ts';
import type { GroupMemberships } from './group-membership.ts';
import { errno, SystemCallError } from './libc.ts';
import { PacketSocket } from './packet-socket.ts';

/** Frames of one socket that are read before others get their turn. */
const FRAMES_PER_TURN = 64;

export class LinkSockets {
  readonly link: Link;
  readonly #arp: PacketSocket;
  readonly #ndp: PacketSocket;
  readonly #memberships: GroupMemberships;
  /** Solicited-node groups joined, by their text. */
  #groups = new Map<string, Address>();
  #heard = '';

  constructor(link: Link, memberships: GroupMemberships) {
    this.link = link;
    this.#memberships = memberships;
    this.#arp = new PacketSocket(link.index, ETHER_TYPE_ARP, arpFilter([]));
    try {
      this.#ndp = new PacketSocket(link.index, ETHER_TYPE_IPV6, ndpFilter([]));
    } catch (error) {
      this.#arp.close();
      throw error;
    }
  }

  get fds(): readonly number[] {
    return [this.#arp.fd, this.#ndp.fd];
  }

  /** Has frames about these addresses come through, and no others. */
  listen(addresses: readonly Address[]): void {
    const text = addresses.map(formatAddress).join();
    if (text === this.#heard) return;
    this.#heard = text;
    // Groups that are wanted are joined before the filter opens; those that aren't are left last.
    const wanted = new Map<string, Address>();
    for (const address of addresses) {
      if (address.family !== 'IPv6') continue;
      const group = solicitedNodeGroup(address);
      wanted.set(formatAddress(group), group);
    }
    const before = this.#groups;
    this.#groups = wanted;
    for (const [id, group] of wanted) if (!before.has(id)) this.#join(group);
    setFilter(this.#arp, arpFilter(addresses), wideArpFilter());
    setFilter(this.#ndp, ndpFilter(addresses), wideNdpFilter());
    for (const [id, group] of before) if (!wanted.has(id)) this.#leave(group);
  }

  /** Calls `take` for the frames that wait on a descriptor, a bounded number at a time. */
  receive(fd: number, take: (frame: Uint8Array) => void): void {
    const socket = fd === this.#arp.fd ? this.#arp : this.#ndp;
    for (let count = 0; count < FRAMES_PER_TURN; count++) {
      const frame = socket.receive();
      if (frame === undefined) return;
      take(frame);
    }
  }

  /** Frames that were not read in time, since the last call. */
  takeDropped(): number {
    return this.#arp.takeDropped() + this.#ndp.takeDropped();
  }

  send(frame: Uint8Array): void {
    this.#arp.send(frame);
  }

  close(): void {
    for (const group of this.#groups.values()) this.#memberships.leave(this.link.index, group);
    this.#arp.close();
    this.#ndp.close();
  }

  #join(group: Address): void {
    this.#memberships.join(this.link.index, group);
    this.#ndp.joinGroup(multicastMac(group));
  }

  #leave(group: Address): void {
    this.#memberships.leave(this.link.index, group);
    this.#ndp.leaveGroup(multicastMac(group));
  }
}

/** Older kernels charge a filter to net.core.optmem_max (20 KB): where the exact one is refused, the wide one does. */
function setFilter(socket: PacketSocket, exact: readonly Instruction[], wide: readonly Instruction[]): void {
  try {
    socket.setFilter(exact);
  } catch (error) {
    if (!(error instanceof SystemCallError) || error.errno !== errno.ENOMEM) throw error;
    socket.setFilter(wide);
  }
}
