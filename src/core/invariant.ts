/**
 * Stops the process's current work where a promise that the code makes to
 * itself is broken: a defect of ours, never an input of a user's.
 *
 * @throws Error whose message starts with "Defect: ".
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Defect: ${message}`);
}
