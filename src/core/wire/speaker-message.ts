/**
 * What speakers say to each other, by UDP on the node network.
 *
 *     0      4    5    6           12          18
 *     +------+----+----+-----------+-----------+--------+---------+-----------+
 *     | BRTH | v1 |kind|incarnation|  counter  | sender |  body   | tag (16)  |
 *     +------+----+----+-----------+-----------+--------+---------+-----------+
 *
 * The tag (HMAC-SHA-256, cut to 16 bytes, over all that goes before it) is
 * made and checked by the shell; this file neither sees nor trusts keys.
 */
import { type Address, addressFromBytes, addressToBytes } from '../net/address.ts';
import { type Mac, macFromBytes, macToBytes } from '../net/mac.ts';
import { fail, ok, type Result } from '../result.ts';
import { ByteReader, numberBytes, textBytes } from './byte-reader.ts';
import { concatBytes } from './bytes.ts';

export interface SpeakerMessage {
  /** Name of the node whose speaker sends. */
  readonly sender: string;
  /** Which life of the sender: its start in ms since 1970, higher at each start. Six bytes. */
  readonly incarnation: number;
  /** Higher at each message of one incarnation: a replay is known by it. Six bytes. */
  readonly counter: number;
  readonly body: SpeakerBody;
}

export type SpeakerBody =
  /** I live. */
  | {
      readonly kind: 'beat';
      /** Changes with each change of `records` that the sender owns. */
      readonly version: number;
      /** The receiver shall answer with a beat at once. */
      readonly wantsAnswer: boolean;
      /** I have just started, and know nothing yet. */
      readonly isJoining: boolean;
      /** Interfaces that can announce now. */
      readonly links: readonly { readonly name: string; readonly mac: Mac }[];
    }
  /** Who announces what, as the sender has it. */
  | {
      readonly kind: 'records';
      /** The sender's version that these belong to. */
      readonly version: number;
      /** Place of this message among those that together hold all that the sender owns; 0 of 0 for news only. */
      readonly part: number;
      readonly parts: number;
      readonly records: readonly OwnerRecord[];
    }
  /** Send me all that you own. */
  | { readonly kind: 'ask-records' }
  /** I don't hear this node; do you? */
  | { readonly kind: 'suspect'; readonly node: string }
  /** I heard it this long ago. */
  | { readonly kind: 'heard'; readonly node: string; readonly agoMs: number }
  /** It is dead in this incarnation: nobody hears it. */
  | { readonly kind: 'death'; readonly node: string; readonly incarnation: number }
  /** I leave, on purpose. */
  | { readonly kind: 'goodbye' }
  /** Your incarnation isn't higher than one that I know. */
  | { readonly kind: 'stale'; readonly node: string; readonly incarnation: number };

export interface OwnerRecord {
  readonly address: Address;
  readonly owner: string;
  /** Which turn: at each change of owner one higher. */
  readonly epoch: number;
}

/** Why bytes are no message of a speaker. */
export type SpeakerFault = 'truncated' | 'foreign-protocol' | 'foreign-version' | 'unknown-message' | 'length-mismatch';

const MAGIC = Uint8Array.from([0x42, 0x52, 0x54, 0x48]);
const VERSION = 1;
const KINDS = ['beat', 'records', 'ask-records', 'suspect', 'heard', 'death', 'goodbye', 'stale'] as const;
const WANTS_ANSWER = 1;
const IS_JOINING = 2;

/** Records that fit one datagram of 1,280 bytes with names of ordinary length. */
export const RECORDS_PER_MESSAGE = 20;

/** Reads a message without its tag. Names are printable ASCII, as Kubernetes' node names and Linux' interface names are. */
export function decodeSpeakerMessage(bytes: Uint8Array): Result<SpeakerMessage, SpeakerFault> {
  const reader = new ByteReader(bytes);
  const magic = reader.take(4);
  const version = reader.number(1);
  const kind = KINDS[reader.number(1)];
  const incarnation = reader.number(6);
  const counter = reader.number(6);
  const sender = reader.text();
  if (!reader.isWhole) return fail('truncated');
  if (magic.some((byte, at) => byte !== MAGIC[at])) return fail('foreign-protocol');
  if (version !== VERSION) return fail('foreign-version');
  if (kind === undefined) return fail('unknown-message');
  const body = readBody(kind, reader);
  if (body === undefined || !reader.isWhole) return fail('truncated');
  if (!reader.isAtEnd) return fail('length-mismatch');
  return ok({ sender, incarnation, counter, body });
}

function readBody(kind: (typeof KINDS)[number], reader: ByteReader): SpeakerBody | undefined {
  switch (kind) {
    case 'beat': {
      const version = reader.number(4);
      const flags = reader.number(1);
      const count = reader.number(1);
      const links = readList(reader, count, () => ({ name: reader.text(), mac: readMac(reader) }));
      return links && { kind, version, wantsAnswer: (flags & 1) !== 0, isJoining: (flags & 2) !== 0, links };
    }
    case 'records': {
      const [version, part, parts] = [reader.number(4), reader.number(2), reader.number(2)];
      const records = readList(reader, reader.number(1), () => readRecord(reader));
      return records && { kind, version, part, parts, records };
    }
    case 'suspect':
      return { kind, node: reader.text() };
    case 'heard':
      return { kind, node: reader.text(), agoMs: reader.number(4) };
    case 'death':
    case 'stale':
      return { kind, node: reader.text(), incarnation: reader.number(6) };
    case 'ask-records':
    case 'goodbye':
      return { kind };
  }
}

/** Undefined as soon as an item isn't there whole: a count that lies costs nothing. */
function readList<T>(reader: ByteReader, count: number, read: () => T | undefined): readonly T[] | undefined {
  const items: T[] = [];
  for (let at = 0; at < count; at++) {
    const item = read();
    if (item === undefined || !reader.isWhole) return undefined;
    items.push(item);
  }
  return items;
}

function readMac(reader: ByteReader): Mac {
  const bytes = reader.take(6);
  return bytes.length === 6 ? macFromBytes(bytes) : { value: 0 };
}

function readRecord(reader: ByteReader): OwnerRecord | undefined {
  const length = reader.number(1);
  if (length !== 4 && length !== 16) return undefined;
  const bytes = reader.take(length);
  if (!reader.isWhole) return undefined;
  return { address: addressFromBytes(bytes), owner: reader.text(), epoch: reader.number(4) };
}

/** The message's bytes without a tag. Lists of more than 255 items, and longer names, are the caller's defect. */
export function encodeSpeakerMessage(message: SpeakerMessage): Uint8Array {
  return concatBytes(
    MAGIC,
    [VERSION, KINDS.indexOf(message.body.kind)],
    numberBytes(message.incarnation, 6),
    numberBytes(message.counter, 6),
    textBytes(message.sender),
    encodeBody(message.body),
  );
}

function encodeBody(body: SpeakerBody): Uint8Array {
  switch (body.kind) {
    case 'beat': {
      const flags = (body.wantsAnswer ? WANTS_ANSWER : 0) | (body.isJoining ? IS_JOINING : 0);
      const links = body.links.flatMap((link) => [textBytes(link.name), macToBytes(link.mac)]);
      return concatBytes(numberBytes(body.version, 4), [flags, body.links.length], ...links);
    }
    case 'records': {
      const records = body.records.flatMap((record) => {
        const address = addressToBytes(record.address);
        return [[address.length], address, textBytes(record.owner), numberBytes(record.epoch, 4)];
      });
      const head = [numberBytes(body.version, 4), numberBytes(body.part, 2), numberBytes(body.parts, 2)];
      return concatBytes(...head, [body.records.length], ...records);
    }
    case 'suspect':
      return textBytes(body.node);
    case 'heard':
      return concatBytes(textBytes(body.node), numberBytes(body.agoMs, 4));
    case 'death':
    case 'stale':
      return concatBytes(textBytes(body.node), numberBytes(body.incarnation, 6));
    case 'ask-records':
    case 'goodbye':
      return new Uint8Array(0);
  }
}
