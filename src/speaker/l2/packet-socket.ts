/** AF_PACKET sockets: whole Ethernet frames of one type on one interface (packet(7)). */
import type { Instruction } from '../../core/l2/socket-filter.ts';
import { type Mac, macToBytes } from '../../core/net/mac.ts';
import {
  attachSocketFilter,
  bindSocket,
  closeDescriptor,
  getOption,
  openSocket,
  receive,
  SOCK_RAW,
  send,
  setOption,
} from './libc.ts';

const AF_PACKET = 17;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_DROP_MEMBERSHIP = 2;
const PACKET_STATISTICS = 6;
const PACKET_MR_MULTICAST = 0;
const PACKET_IGNORE_OUTGOING = 23;
/** ARP and Neighbor Discovery are far shorter; what is cut off is never read. */
const LONGEST_FRAME = 2048;

const buffer = new Uint8Array(LONGEST_FRAME);

export class PacketSocket {
  readonly fd: number;
  readonly #index: number;

  /**
   * Hears nothing until a filter is set, so that no frame from before slips in.
   *
   * @throws SystemCallError EPERM without CAP_NET_RAW, ENODEV where the interface is gone.
   */
  constructor(index: number, etherType: number, filter: readonly Instruction[]) {
    this.#index = index;
    // Protocol 0 receives nothing: the filter goes on before the bind that opens the tap.
    this.fd = openSocket(AF_PACKET, SOCK_RAW, 0);
    try {
      setOption(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, int32(1));
      this.setFilter(filter);
      bindSocket(this.fd, linkAddress(index, etherType));
    } catch (error) {
      closeDescriptor(this.fd);
      throw error;
    }
  }

  setFilter(program: readonly Instruction[]): void {
    attachSocketFilter(this.fd, encodeProgram(program));
  }

  /** The next frame, valid until the next call on any socket; undefined where none waits. */
  receive(): Uint8Array | undefined {
    const length = receive(this.fd, buffer);
    return length === undefined ? undefined : buffer.subarray(0, length);
  }

  /** Frames that passed the filter and found the queue full, since the last call. */
  takeDropped(): number {
    // struct tpacket_stats: packets, drops. The kernel counts anew after each look.
    const stats = new Uint8Array(8);
    getOption(this.fd, SOL_PACKET, PACKET_STATISTICS, stats);
    return new DataView(stats.buffer).getUint32(4, true);
  }

  send(frame: Uint8Array): void {
    send(this.fd, frame);
  }

  /** Has the NIC let frames to a group through. */
  joinGroup(group: Mac): void {
    setOption(this.fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership(this.#index, group));
  }

  leaveGroup(group: Mac): void {
    setOption(this.fd, SOL_PACKET, PACKET_DROP_MEMBERSHIP, membership(this.#index, group));
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}

/** struct sockaddr_ll; the protocol alone is in network order. */
function linkAddress(index: number, etherType: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType, false);
  view.setInt32(4, index, true);
  return bytes;
}

/** struct packet_mreq. */
function membership(index: number, group: Mac): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, index, true);
  view.setUint16(4, PACKET_MR_MULTICAST, true);
  view.setUint16(6, 6, true);
  bytes.set(macToBytes(group), 8);
  return bytes;
}

/** struct sock_filter, one after the other. */
function encodeProgram(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach((instruction, at) => {
    view.setUint16(at * 8, instruction.code, true);
    view.setUint8(at * 8 + 2, instruction.jt);
    view.setUint8(at * 8 + 3, instruction.jf);
    view.setUint32(at * 8 + 4, instruction.k, true);
  });
  return bytes;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
