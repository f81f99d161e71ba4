import { setTimeout } from 'node:timers/promises';

/** Waits for so long, or until the signal is aborted, whichever comes first. */
export async function sleep(millis: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(millis, undefined, { signal });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
}
