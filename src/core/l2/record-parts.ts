/** Puts together what a speaker owns from the messages that carry it. */
import type { OwnerRecord, SpeakerBody } from '../wire/speaker-message.ts';
import { RECORDS_PER_MESSAGE } from '../wire/speaker-message.ts';

type Records = Extract<SpeakerBody, { kind: 'records' }>;

/** 10,000 addresses of one node, and a liar costs little. */
const MOST_PARTS = 500;

/** All that a node owns, in as many messages as it takes; one without records where it owns nothing. */
export function splitRecords(version: number, records: readonly OwnerRecord[]): readonly Records[] {
  const parts = Math.max(1, Math.ceil(records.length / RECORDS_PER_MESSAGE));
  return Array.from({ length: parts }, (_, at) => ({
    kind: 'records',
    version,
    part: at + 1,
    parts,
    records: records.slice(at * RECORDS_PER_MESSAGE, (at + 1) * RECORDS_PER_MESSAGE),
  }));
}

/** Gathers the parts that one sender sends of one version. */
export class RecordParts {
  #version = -1;
  #parts = 0;
  #seen = new Map<number, readonly OwnerRecord[]>();

  /** All that the sender owns, as soon as with this message everything of its version has come. */
  add({ version, part, parts, records }: Records): readonly OwnerRecord[] | undefined {
    if (parts === 0 || parts > MOST_PARTS || part === 0 || part > parts) return undefined;
    if (version !== this.#version || parts !== this.#parts) {
      this.#version = version;
      this.#parts = parts;
      this.#seen = new Map();
    }
    this.#seen.set(part, records);
    return this.#seen.size === parts ? [...this.#seen.values()].flat() : undefined;
  }
}
