/** When silence means something: suspicion, a second opinion, a verdict. */
import type { Millis } from '../time.ts';
import { BEAT_EVERY_MS } from './beat.ts';
import type { Member } from './member.ts';

export const SUSPECT_AFTER_MS = 150;
export const DEAD_AFTER_MS = 250;
/** What a watcher has to answer a suspicion in, at least. */
const SECOND_OPINION_MS = 60;
/** One that isn't watched is heard when its turn in the round comes; this bounds how long its silence is believed. */
const UNWATCHED_DEAD_AFTER_MS = 5_000;

/** Whether it was heard lately: asked of every member at every beat, so it costs next to nothing. */
export function isWell(member: Member, isWatched: boolean, members: number, now: Millis): boolean {
  const suspectAfter = isWatched ? SUSPECT_AFTER_MS : unwatchedDeadAfter(members) / 2;
  return now - Math.max(member.heardAt, member.watchedSince) < suspectAfter;
}

/**
 * What to do about one that isn't well:
 * - `ask`: it, and those who watch it too;
 * - `wait`: they have just been asked;
 * - `condemn`: nobody hears it.
 *
 * @param isWatched Whether this node watches it, and so hears each of its beats.
 * @param hasOtherWatchers Whether others watch it who can be asked.
 * @param members Of the cluster: a round takes so many beats.
 */
export function judge(
  member: Member,
  isWatched: boolean,
  hasOtherWatchers: boolean,
  members: number,
  now: Millis,
): 'ask' | 'wait' | 'condemn' {
  const deadAfter = isWatched ? DEAD_AFTER_MS : unwatchedDeadAfter(members);
  const heard = Math.max(member.heardAt, member.watchedSince, member.heardElsewhereAt);
  if (member.suspectedAt !== undefined && now - heard >= deadAfter) {
    if (!hasOtherWatchers || now - member.suspectedAt >= SECOND_OPINION_MS) return 'condemn';
  }
  // Asked again as long as the doubt lasts: a question may get lost.
  return member.suspectedAt !== undefined && now - member.doubtedAt < BEAT_EVERY_MS ? 'wait' : 'ask';
}

function unwatchedDeadAfter(members: number): number {
  return Math.max(UNWATCHED_DEAD_AFTER_MS, 4 * BEAT_EVERY_MS * members);
}
