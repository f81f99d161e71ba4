/** How one attempt to connect went; one line of a client's record. */
export interface ConnectOutcome {
  /** Milliseconds of the machine's monotonic clock, the same for every process on it. */
  readonly at: number;
  /** How long the attempt took. */
  readonly tookMs: number;
  /** `ok`, or what the attempt met. */
  readonly outcome: 'ok' | 'refused' | 'timeout' | 'unreachable' | 'reset' | 'other';
  /** The first line of the answer, where a request was sent. */
  readonly answer?: string;
  /** The code of an outcome that has no word here, such as EMFILE. */
  readonly code?: string;
}

/** What a record says in sum. */
export interface ConnectSummary {
  readonly attempts: number;
  readonly failed: number;
  /** The longest time between two successes that follow each other; undefined with fewer than two. */
  readonly longestGapMs: number | undefined;
  /** When the longest gap began: the time of the success before it. */
  readonly longestGapFrom: number | undefined;
  readonly firstSuccess: number | undefined;
  readonly lastSuccess: number | undefined;
  readonly outcomes: Readonly<Partial<Record<ConnectOutcome['outcome'], number>>>;
}

/** The monotonic clock in milliseconds, as in `ConnectOutcome.at`. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/**
 * Sums up a record.
 *
 * @param from counts only attempts that began at this time or later; the whole record when left out.
 */
export function summarize(record: readonly ConnectOutcome[], from = Number.NEGATIVE_INFINITY): ConnectSummary {
  const counted = record.filter((one) => one.at >= from).sort((a, b) => a.at - b.at);
  const outcomes: Partial<Record<ConnectOutcome['outcome'], number>> = {};
  for (const { outcome } of counted) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const successes = counted.filter((one) => one.outcome === 'ok').map((one) => one.at + one.tookMs);
  successes.sort((a, b) => a - b);
  let [longestGapMs, longestGapFrom]: [number | undefined, number | undefined] = [undefined, undefined];
  for (let i = 1; i < successes.length; i++) {
    const gap = successes[i]! - successes[i - 1]!;
    if (longestGapMs === undefined || gap > longestGapMs) [longestGapMs, longestGapFrom] = [gap, successes[i - 1]];
  }
  return {
    attempts: counted.length,
    failed: counted.length - successes.length,
    longestGapMs,
    longestGapFrom,
    firstSuccess: successes[0],
    lastSuccess: successes.at(-1),
    outcomes,
  };
}

/** Reads a record of one JSON object a line; a last line that is still being written is left out. */
export function parseRecord(text: string): ConnectOutcome[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ConnectOutcome);
}
