/**
 * Who announces which address, as agreed among the speakers: for each address
 * the record of the highest epoch. Records merge in any order, any number of
 * times, to the same result.
 */
import { formatAddress } from '../net/address.ts';
import type { OwnerRecord } from '../wire/speaker-message.ts';

/** No more addresses than this are remembered: far above any cluster's, and a bound on what a peer can fill. */
const MOST_RECORDS = 100_000;

export class Ownership {
  readonly #records = new Map<string, OwnerRecord>();
  /** The last epochs of addresses that are announced no more, the latest ones last. */
  readonly #ended = new Map<string, number>();

  get(id: string): OwnerRecord | undefined {
    return this.#records.get(id);
  }

  /** Takes a record in if it is later than what is known; among equals the lower name counts. Tells whether it was. */
  merge(record: OwnerRecord): boolean {
    const id = formatAddress(record.address);
    const known = this.#records.get(id);
    if (known !== undefined && !isLater(record, known)) return false;
    if (known === undefined && (this.isOver(record) || this.#records.size >= MOST_RECORDS)) return false;
    this.#records.set(id, record);
    return true;
  }

  /** Whether a record is of a time before the address was given up: whoever tells it has not heard of that. */
  isOver(record: OwnerRecord): boolean {
    const id = formatAddress(record.address);
    return !this.#records.has(id) && record.epoch <= (this.#ended.get(id) ?? 0);
  }

  /** Gives an address to a node, one epoch on. */
  give(id: string, record: Omit<OwnerRecord, 'epoch'>): OwnerRecord {
    const given = { ...record, epoch: (this.#records.get(id)?.epoch ?? this.#ended.get(id) ?? 0) + 1 };
    this.#records.set(id, given);
    return given;
  }

  /** Nobody shall announce it any more: whoever does later begins anew, and asks first. */
  forget(id: string): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    this.#records.delete(id);
    this.#ended.delete(id);
    this.#ended.set(id, record.epoch);
    const oldest = this.#ended.keys().next();
    if (this.#ended.size > MOST_RECORDS && oldest.done !== true) this.#ended.delete(oldest.value);
  }

  /** All that a node owns. */
  ownedBy(node: string): readonly OwnerRecord[] {
    return [...this.#records.values()].filter((each) => each.owner === node);
  }
}

function isLater(a: OwnerRecord, b: OwnerRecord): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : a.owner < b.owner;
}
