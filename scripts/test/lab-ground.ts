/** Brings up one lab for all tests that need a whole cluster, and leaves nothing of it. */
import { spawnSync } from 'node:child_process';
import type { Tally } from './run-files.ts';

/** Lab names are short: they become the names of interfaces. */
const name = `t${process.pid % 1_000_000}`;

/**
 * Starts the lab with Berth in it from the shipped manifests, runs the tests
 * with its name in `BERTH_TEST_LAB`, and ends it, also after a failure or a
 * Ctrl-C. A lab that doesn't start counts as one failed test.
 */
export async function withLab(run: () => Promise<Tally>): Promise<Tally> {
  const down = (): void => void lab('down');
  process.once('SIGINT', () => {
    down();
    process.exit(130);
  });
  process.once('SIGTERM', () => {
    down();
    process.exit(143);
  });
  try {
    if (lab('up') !== 0) {
      console.log('FAIL  the lab did not start; what it said is above');
      return { passed: 0, failed: 1 };
    }
    process.env.BERTH_TEST_LAB = name;
    return await run();
  } finally {
    down();
  }
}

function lab(verb: 'up' | 'down'): number {
  const { status } = spawnSync('bin/lab', [verb], {
    env: { ...process.env, LAB: name, NODES: '3' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status ?? 1;
}
