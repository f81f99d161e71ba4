/** The UDP sockets on which speakers hear each other, one a family. */
import { type Address, addressToBytes, type Family } from '../../core/net/address.ts';
import {
  bindSocket,
  closeDescriptor,
  errno,
  openSocket,
  receive,
  SOCK_DGRAM,
  SystemCallError,
  sendTo,
  setOption,
} from './libc.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const LONGEST_MESSAGE = 65_536;
const MESSAGES_PER_TURN = 256;

/** A peer that can't be reached at the moment is nothing to report: its silence says it. */
const UNREACHABLE: ReadonlySet<number> = new Set([
  errno.ENETUNREACH,
  errno.EHOSTUNREACH,
  errno.ENETDOWN,
  errno.ECONNREFUSED,
  errno.EADDRNOTAVAIL,
  errno.ENOBUFS,
  errno.EAGAIN,
  errno.EPERM,
  errno.EINVAL,
]);

const buffer = new Uint8Array(LONGEST_MESSAGE);

export class PeerSocket {
  readonly #port: number;
  readonly #fds = new Map<Family, number>();

  /** @throws SystemCallError EADDRINUSE where another program has the port. */
  constructor(port: number) {
    this.#port = port;
    this.#fds.set('IPv4', open(AF_INET, port));
    try {
      this.#fds.set('IPv6', open(AF_INET6, port));
    } catch (error) {
      // A host without IPv6 has no peers there either.
      if (!(error instanceof SystemCallError) || error.errno !== errno.EAFNOSUPPORT) throw error;
    }
  }

  get fds(): readonly number[] {
    return [...this.#fds.values()];
  }

  /** Calls `take` for the messages that wait, a bounded number at a time. */
  receive(fd: number, take: (bytes: Uint8Array) => void): void {
    for (let count = 0; count < MESSAGES_PER_TURN; count++) {
      let length: number | undefined;
      try {
        length = receive(fd, buffer);
      } catch (error) {
        // An ICMP error about something sent earlier.
        if (!(error instanceof SystemCallError) || !UNREACHABLE.has(error.errno)) throw error;
        continue;
      }
      if (length === undefined) return;
      take(buffer.subarray(0, length));
    }
  }

  send(to: Address, bytes: Uint8Array): void {
    const fd = this.#fds.get(to.family);
    if (fd === undefined) return;
    try {
      sendTo(fd, bytes, socketAddress(to, this.#port));
    } catch (error) {
      if (!(error instanceof SystemCallError) || !UNREACHABLE.has(error.errno)) throw error;
    }
  }

  close(): void {
    for (const fd of this.#fds.values()) closeDescriptor(fd);
  }
}

function open(family: number, port: number): number {
  const fd = openSocket(family, SOCK_DGRAM, 0);
  try {
    if (family === AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, Uint8Array.of(1, 0, 0, 0));
    const anywhere: Address = { family: family === AF_INET ? 'IPv4' : 'IPv6', value: 0n };
    bindSocket(fd, socketAddress(anywhere, port));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** struct sockaddr_in or sockaddr_in6: the port and the address are in network order. */
function socketAddress(address: Address, port: number): Uint8Array {
  const isV4 = address.family === 'IPv4';
  const bytes = new Uint8Array(isV4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isV4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port, false);
  bytes.set(addressToBytes(address), isV4 ? 4 : 8);
  return bytes;
}
