/** The sockets of all interfaces that can announce, opened and closed as interfaces come and go. */
import type { Link } from '../../core/l2/link.ts';
import { GroupMemberships } from './group-membership.ts';
import { errno, SystemCallError } from './libc.ts';
import { LinkSockets } from './link-sockets.ts';

export class Interfaces {
  readonly #memberships = new GroupMemberships();
  readonly #sockets = new Map<number, LinkSockets>();
  readonly #byDescriptor = new Map<number, LinkSockets>();
  readonly #onTrouble: (name: string, error: string) => void;

  /** @param onTrouble An interface on which nothing can be sent or heard. It costs itself only: netlink tells when it is back. */
  constructor(onTrouble: (name: string, error: string) => void) {
    this.#onTrouble = onTrouble;
  }

  get fds(): Iterable<number> {
    return this.#byDescriptor.keys();
  }

  get all(): Iterable<LinkSockets> {
    return this.#sockets.values();
  }

  /** Opens sockets on new interfaces and closes those of interfaces that went or were made anew. */
  change(links: readonly Link[]): void {
    const usable = new Map(links.filter((each) => each.canAnnounce).map((each) => [each.index, each]));
    for (const [index, sockets] of this.#sockets) {
      if (usable.get(index)?.name !== sockets.link.name) this.#close(sockets);
    }
    for (const link of usable.values()) {
      if (this.#sockets.has(link.index)) continue;
      try {
        this.#open(link);
      } catch (error) {
        // ENODEV: it went while we opened it; the kernel's next notice says so.
        if (!(error instanceof SystemCallError)) throw error;
        this.#onTrouble(link.name, error.message);
      }
    }
  }

  /** The sockets that a descriptor belongs to. */
  of(fd: number): LinkSockets | undefined {
    return this.#byDescriptor.get(fd);
  }

  /** Acts on the sockets of one interface, and reports where the kernel refuses. */
  guard(sockets: LinkSockets | undefined, act: (sockets: LinkSockets) => void): void {
    if (sockets === undefined) return;
    try {
      act(sockets);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      // A full queue drops a frame, as a wire does; the next announcement is not far.
      if (error.errno === errno.ENOBUFS || error.errno === errno.EAGAIN) return;
      // It went down; the kernel's notice of that is on its way.
      if (error.errno === errno.ENETDOWN) return;
      this.#onTrouble(sockets.link.name, error.message);
    }
  }

  send(link: number, frame: Uint8Array): void {
    this.guard(this.#sockets.get(link), (sockets) => sockets.send(frame));
  }

  close(): void {
    for (const sockets of this.#sockets.values()) sockets.close();
    this.#memberships.close();
  }

  #open(link: Link): void {
    const sockets = new LinkSockets(link, this.#memberships);
    this.#sockets.set(link.index, sockets);
    for (const fd of sockets.fds) this.#byDescriptor.set(fd, sockets);
  }

  #close(sockets: LinkSockets): void {
    this.#sockets.delete(sockets.link.index);
    for (const fd of sockets.fds) this.#byDescriptor.delete(fd);
    sockets.close();
  }
}
