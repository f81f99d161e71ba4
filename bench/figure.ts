/** What one benchmark found, as `bench/out/results.json` holds it. */

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly berth: Spread;
  /** What the apiserver alone allows, measured in the same run; undefined where there is none. */
  readonly floor: number | undefined;
  readonly peers: Readonly<Record<string, number>>;
  /** In words, with the figure that it comes to in this run. */
  readonly goal: string;
  readonly met: boolean;
}

/** @throws RangeError for an empty list. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: quantile(sorted, 0), median: quantile(sorted, 0.5), max: quantile(sorted, 1) };
}

/** The value below which this share of an ascending list lies (nearest rank). @throws RangeError for an empty list. */
export function quantile(sorted: readonly number[], share: number): number {
  const found = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
  if (found === undefined) throw new RangeError('no values were measured');
  return found;
}

/** Four significant digits at the most: more would be noise. */
export function round(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(4));
}
