/**
 * The one place that says what the name of an absent object means, pools
 * apart (an absent pool is never refused; see checks/references.ts): an error.
 * The referring object has no effect until the other one exists, and admission
 * refuses it, so that a misspelt name is told at once and not by silence.
 */
import type { Report } from './report.ts';

export function reportAbsentReference(
  report: Report,
  path: string,
  name: string,
  message: string,
  remedy: string,
): void {
  report.error(path, name, message, remedy);
}
