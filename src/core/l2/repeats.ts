/** News that everybody must get, though datagrams get lost: told at once, and again a moment later. */
import type { Millis } from '../time.ts';
import type { SpeakerBody } from '../wire/speaker-message.ts';

const REPEAT_AFTER_MS = [50, 150] as const;

export class Repeats {
  #waiting: { readonly at: Millis; readonly body: SpeakerBody }[] = [];

  /** Notes what was told just now. */
  add(bodies: readonly SpeakerBody[], now: Millis): void {
    for (const wait of REPEAT_AFTER_MS) this.#waiting.push(...bodies.map((body) => ({ at: now + wait, body })));
  }

  /** What is to be told again now. */
  take(now: Millis): readonly SpeakerBody[] {
    const due = this.#waiting.filter((each) => each.at <= now);
    if (due.length > 0) this.#waiting = this.#waiting.filter((each) => each.at > now);
    return due.map((each) => each.body);
  }
}
