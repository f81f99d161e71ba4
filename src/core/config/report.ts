/** Gathers what is wrong with one object while it is read. */
import type { Problem } from './problem.ts';
import { showValue } from './show.ts';

/** More than a person reads at once, and a bound on what one hostile object can make us keep. */
const LIMIT = 50;

export class Report {
  readonly #problems: Problem[] = [];
  #errors = 0;
  #left = 0;

  /** The object can't have effect as written. */
  error(path: string, value: unknown, message: string, remedy: string): void {
    this.#errors += 1;
    this.#add({ severity: 'error', path, value: showValue(value), message, remedy });
  }

  /** Legal and unwise. */
  warn(path: string, value: unknown, message: string, remedy: string): void {
    this.#add({ severity: 'warning', path, value: showValue(value), message, remedy });
  }

  add(problem: Problem): void {
    if (problem.severity === 'error') this.#errors += 1;
    this.#add(problem);
  }

  /** Errors so far; compare before and after to know whether a part was read without fault. */
  get errors(): number {
    return this.#errors;
  }

  /** In the order found, at most 50; the last one says how many more there are. */
  problems(): readonly Problem[] {
    if (this.#left === 0) return [...this.#problems];
    const severity = this.#errors > 0 ? 'error' : 'warning';
    const message = `${this.#left} more problems of this object aren't listed`;
    return [...this.#problems, { severity, path: '', value: '', message, remedy: 'correct the listed ones first' }];
  }

  #add(problem: Problem): void {
    if (this.#problems.length < LIMIT) this.#problems.push(problem);
    else this.#left += 1;
  }
}
