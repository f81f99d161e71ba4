import { setTimeout as sleep } from 'node:timers/promises';
import { LabProblem } from '../problem.ts';

/** How long to wait and what to say when it was in vain. */
export interface Patience {
  /** Completes the sentence "Waited 60 s in vain for …". */
  readonly what: string;
  readonly withinMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** What to look at, added to the message when the time is up. */
  readonly hint?: () => string;
}

/**
 * Asks `probe` until it gives something other than undefined or false, and
 * returns that. A throw of the probe ends the wait at once.
 *
 * @throws LabProblem when the time is up.
 */
export async function waitFor<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  patience: Patience,
): Promise<T> {
  const deadline = performance.now() + patience.withinMs;
  for (;;) {
    patience.signal?.throwIfAborted();
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      const hint = patience.hint?.();
      throw new LabProblem(
        `Waited ${Math.round(patience.withinMs / 1000)} s in vain for ${patience.what}${hint ? `; ${hint}` : ''}`,
      );
    }
    await sleep(patience.everyMs ?? 50, undefined, { signal: patience.signal });
  }
}
