import { fluxImages } from '../../lab/flux/images.ts';
import type { Tally } from './run-files.ts';

/**
 * Builds Flux's controllers before the tests that need them, since on a new
 * machine that takes longer than a test file may. What can't be built counts as one failed test.
 */
export async function withFlux(run: () => Promise<Tally>): Promise<Tally> {
  try {
    await fluxImages();
  } catch (error) {
    console.log(`FAIL  Flux's controllers were not built: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1 };
  }
  return run();
}
