/** What one speaker knows of another. */
import type { Millis } from '../time.ts';
import type { SpeakerBody } from '../wire/speaker-message.ts';
import { RecordParts } from './record-parts.ts';

/** An interface that can announce, as its speaker tells the others. */
export type PeerLink = Extract<SpeakerBody, { kind: 'beat' }>['links'][number];

export interface Member {
  state: 'unknown' | 'alive' | 'dead' | 'left';
  incarnation: number;
  counter: number;
  heardAt: Millis;
  /** Since when it should be heard at each beat. */
  watchedSince: Millis;
  /** By another speaker, as it says. */
  heardElsewhereAt: Millis;
  suspectedAt: Millis | undefined;
  askedAt: Millis;
  doubtedAt: Millis;
  remindedAt: Millis;
  links: readonly PeerLink[];
  /** Of its records, as far as they are known here. */
  version: number;
  parts: RecordParts;
}

export function newMember(now: Millis): Member {
  return {
    state: 'unknown',
    incarnation: -1,
    counter: -1,
    heardAt: now,
    watchedSince: now,
    heardElsewhereAt: 0,
    suspectedAt: undefined,
    askedAt: Number.NEGATIVE_INFINITY,
    doubtedAt: Number.NEGATIVE_INFINITY,
    remindedAt: Number.NEGATIVE_INFINITY,
    links: [],
    version: -1,
    parts: new RecordParts(),
  };
}

export function sameLinks(a: readonly PeerLink[], b: readonly PeerLink[]): boolean {
  return (
    a.length === b.length && a.every((each, at) => each.name === b[at]?.name && each.mac.value === b[at].mac.value)
  );
}
