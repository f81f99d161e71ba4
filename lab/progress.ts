/** Receives one line of progress, without its line end. */
export type Report = (line: string) => void;

/** Writes progress to standard error, so that standard output stays free for results. */
export const reportToStderr: Report = (line) => {
  process.stderr.write(`${line}\n`);
};

/** Says nothing: for tests and for callers that tell their own story. */
export const silent: Report = () => undefined;

/** Runs one step of a longer work and reports its name with the time that it took, or that it failed. */
export async function step<T>(report: Report, name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    const result = await work();
    report(`  ${name} ${dots(name)} ${seconds(start)}`);
    return result;
  } catch (error) {
    report(`  ${name} ${dots(name)} failed after ${seconds(start)}`);
    throw error;
  }
}

/** Runs long work, with a sign of life every few seconds that says how long it has been going on. */
export async function longStep<T>(report: Report, name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const timer = setInterval(() => report(`  ${name} … ${Math.round((performance.now() - start) / 1000)} s`), 5000);
  try {
    return await step(report, name, work);
  } finally {
    clearInterval(timer);
  }
}

function dots(name: string): string {
  return '.'.repeat(Math.max(3, 46 - name.length));
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
