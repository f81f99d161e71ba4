import type { Tally } from './run-files.ts';

export async function withLab(run: () => Promise<Tally>): Promise<Tally> {
  return run();
}
