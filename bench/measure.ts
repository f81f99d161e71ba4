import type { Contender } from './contenders/contender.ts';
import type { Figure } from './figure.ts';

export interface MeasureOptions {
  /** How often each contender is measured; the medians are compared. */
  readonly rounds: number;
  /** Smaller loads, to try a benchmark itself. */
  readonly quick: boolean;
  /** Further contenders, from `--peer NAME=COMMAND`. */
  readonly peers: readonly Contender[];
}

export type Measure = (options: MeasureOptions) => Promise<Figure[]>;
