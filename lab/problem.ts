/**
 * Something about the machine or the request that a person can put right. The
 * message is one sentence: what was tried, what was in the way, the remedy.
 */
export class LabProblem extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'LabProblem';
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
