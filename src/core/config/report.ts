/** Gathers what is wrong with one object while it is read. */
import type { Problem } from './problem.ts';
import { showValue } from './show.ts';

/** Of each severity: more than a person reads at once, and a bound on what one hostile object can make us keep. */
const LIMIT = 50;

type Severity = Problem['severity'];

export class Report {
  readonly #listed: Readonly<Record<Severity, Problem[]>> = { error: [], warning: [] };
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0 };

  /** The object can't have effect as written. */
  error(path: string, value: unknown, message: string, remedy: string): void {
    this.#add('error', path, value, message, remedy);
  }

  /** Legal and unwise. */
  warn(path: string, value: unknown, message: string, remedy: string): void {
    this.#add('warning', path, value, message, remedy);
  }

  /** Errors so far; compare before and after to know whether a part was read without fault. */
  get errors(): number {
    return this.#counts.error;
  }

  /** A report with the same problems, to be gone on with apart from this one. */
  copy(): Report {
    const copy = new Report();
    for (const severity of ['error', 'warning'] as const) {
      copy.#listed[severity].push(...this.#listed[severity]);
      copy.#counts[severity] = this.#counts[severity];
    }
    return copy;
  }

  /** Errors before warnings, each in the order found and at most 50; one more says how many aren't listed. */
  problems(): readonly Problem[] {
    return [...this.#of('error'), ...this.#of('warning')];
  }

  #add(severity: Severity, path: string, value: unknown, message: string, remedy: string): void {
    this.#counts[severity] += 1;
    if (this.#counts[severity] > LIMIT) return;
    this.#listed[severity].push({ severity, path, value: showValue(value), message, remedy });
  }

  #of(severity: Severity): readonly Problem[] {
    const left = this.#counts[severity] - LIMIT;
    if (left <= 0) return this.#listed[severity];
    const message = `${left} more ${severity}s of this object aren't listed`;
    return [
      ...this.#listed[severity],
      { severity, path: '', value: '', message, remedy: 'correct the listed ones first' },
    ];
  }
}
