/**
 * The one place that says what the name of an absent object means: a warning,
 * never an error. A client that tries a whole set before it applies any of it
 * (Flux) would otherwise never get past a set that holds both objects. The
 * value keeps the name, so that whoever acts on it knows what is still to come.
 */
import type { Report } from './report.ts';

export function warnOfAbsent(report: Report, path: string, name: string, kind: string): void {
  report.warn(path, name, `is no ${kind} yet`, `correct the name, unless the ${kind} is still to come`);
}
