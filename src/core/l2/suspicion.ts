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

/**
 * - `well`: heard lately;
 * - `waiting`: suspected, and others have just been asked;
 * - `suspect`: ask it, and those who watch it too;
 * - `dead`: nobody hears it.
 */
export type Judgement = 'well' | 'waiting' | 'suspect' | 'dead';

export interface Watching {
  /** Whether this node watches it, and so hears each of its beats. */
  readonly isWatched: boolean;
  /** Whether others watch it who can be asked; costs something to find out. */
  readonly hasOtherWatchers: () => boolean;
  /** Members of the cluster: a round takes so many beats. */
  readonly members: number;
}

export function judge(member: Member, watching: Watching, now: Millis): Judgement {
  const { isWatched } = watching;
  const deadAfter = isWatched ? DEAD_AFTER_MS : unwatchedDeadAfter(watching.members);
  const suspectAfter = isWatched ? SUSPECT_AFTER_MS : deadAfter / 2;
  const silentSince = Math.max(member.heardAt, member.watchedSince);
  if (now - silentSince < suspectAfter) return 'well';
  const heard = Math.max(silentSince, member.heardElsewhereAt);
  if (member.suspectedAt !== undefined && now - heard >= deadAfter) {
    if (!watching.hasOtherWatchers() || now - member.suspectedAt >= SECOND_OPINION_MS) return 'dead';
  }
  // Asked again as long as the doubt lasts: a question may get lost.
  return member.suspectedAt !== undefined && now - member.doubtedAt < BEAT_EVERY_MS ? 'waiting' : 'suspect';
}

function unwatchedDeadAfter(members: number): number {
  return Math.max(UNWATCHED_DEAD_AFTER_MS, 4 * BEAT_EVERY_MS * members);
}
