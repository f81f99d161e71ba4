/** The line to the other speakers: messages sealed and opened, names turned into addresses. */
import type { Counters } from '../../core/l2/counters.ts';
import type { Address } from '../../core/net/address.ts';
import { decodeSpeakerMessage, encodeSpeakerMessage, type SpeakerMessage } from '../../core/wire/speaker-message.ts';
import type { Member } from './messages.ts';
import { PeerSocket } from './peer-socket.ts';
import { seal, unseal } from './seal.ts';

export class PeersLine {
  readonly #socket: PeerSocket;
  readonly #counters: Counters;
  #keys: readonly Uint8Array[];
  #addresses: ReadonlyMap<string, Address> = new Map();
  /** A message to many is sealed once. */
  #sealed: { readonly message: SpeakerMessage; readonly bytes: Uint8Array } | undefined;

  constructor(port: number, keys: readonly Uint8Array[], counters: Counters) {
    this.#socket = new PeerSocket(port);
    this.#keys = keys;
    this.#counters = counters;
  }

  get fds(): readonly number[] {
    return this.#socket.fds;
  }

  setKeys(keys: readonly Uint8Array[]): void {
    this.#keys = keys;
    this.#sealed = undefined;
  }

  setMembers(members: readonly Member[]): void {
    this.#addresses = new Map(members.map((each) => [each.node, each.address]));
  }

  /** Calls `take` for each authentic, well-formed message that waits; the others are counted by their fault. */
  receive(fd: number, take: (message: SpeakerMessage) => void): void {
    this.#socket.receive(fd, (sealed) => {
      const bytes = unseal(sealed, this.#keys);
      if (bytes === undefined) return this.#counters.peerFault('bad-tag');
      const message = decodeSpeakerMessage(bytes);
      return message.ok ? take(message.value) : this.#counters.peerFault(message.error);
    });
  }

  send(to: string, message: SpeakerMessage): void {
    const address = this.#addresses.get(to);
    if (address === undefined) return;
    if (this.#sealed?.message !== message) {
      this.#sealed = { message, bytes: seal(encodeSpeakerMessage(message), this.#keys) };
    }
    this.#socket.send(address, this.#sealed.bytes);
  }

  close(): void {
    this.#socket.close();
  }
}
