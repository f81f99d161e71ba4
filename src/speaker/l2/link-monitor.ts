/** The node's interfaces through rtnetlink: as they are, and a word at each change. */

import type { Link } from '../../core/l2/link.ts';
import { linksOf } from '../../core/l2/links-of.ts';
import { type AddressMessage, decodeNetlink, encodeDump, type LinkMessage } from '../../core/wire/rtnetlink.ts';
import {
  bindSocket,
  closeDescriptor,
  errno,
  openSocket,
  receive,
  SOCK_RAW,
  SystemCallError,
  send,
  waitReadable,
} from './libc.ts';

const AF_NETLINK = 16;
/** RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR. */
const GROUPS = 0x1 | 0x10 | 0x100;
/** The kernel answers a dump at once; this long means that something is badly wrong. */
const ANSWER_WITHIN_MS = 2_000;

const buffer = new Uint8Array(65_536);

export class LinkMonitor {
  /** Readable after a change; then call `drain`. */
  readonly fd: number;
  #sequence = 0;

  constructor() {
    this.fd = openNetlink(GROUPS);
  }

  /** Whether something changed since the last call. */
  drain(): boolean {
    let changed = false;
    for (;;) {
      try {
        if (receive(this.fd, buffer) === undefined) return changed;
      } catch (error) {
        // ENOBUFS: notices were lost because too many came at once. Something changed, then.
        if (!(error instanceof SystemCallError) || error.errno !== errno.ENOBUFS) throw error;
      }
      changed = true;
    }
  }

  /** The interfaces as they are now. @throws where the kernel doesn't answer. */
  read(): readonly Link[] {
    const fd = openNetlink(0);
    try {
      const links = this.#dump(fd, 'links').filter((each): each is LinkMessage => each.kind === 'link');
      const addresses = this.#dump(fd, 'addresses').filter((each): each is AddressMessage => each.kind === 'address');
      return linksOf(links, addresses);
    } finally {
      closeDescriptor(fd);
    }
  }

  #dump(fd: number, what: 'links' | 'addresses'): readonly (LinkMessage | AddressMessage)[] {
    this.#sequence++;
    send(fd, encodeDump(what, this.#sequence));
    const found: (LinkMessage | AddressMessage)[] = [];
    for (;;) {
      if (waitReadable([fd], ANSWER_WITHIN_MS).length === 0)
        throw new Error(`rtnetlink: no answer to a dump of ${what}`);
      const length = receive(fd, buffer) ?? 0;
      for (const message of decodeNetlink(buffer.slice(0, length))) {
        if (message.kind === 'done') return found;
        if (message.kind === 'error') throw new SystemCallError(`rtnetlink dump of ${what}`, message.errno);
        if (message.kind !== 'other') found.push(message);
      }
    }
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}

function openNetlink(groups: number): number {
  const fd = openSocket(AF_NETLINK, SOCK_RAW, 0);
  // struct sockaddr_nl.
  const address = new Uint8Array(12);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  bindSocket(fd, address);
  return fd;
}
