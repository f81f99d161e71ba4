import { fluxImages } from '../../lab/flux/images.ts';

/**
 * Builds Flux's controllers before the tests that need them, since on a new
 * machine that takes longer than a test file may.
 *
 * @returns whether it could; if not, the reason was told.
 */
export async function buildFlux(): Promise<boolean> {
  try {
    await fluxImages();
    return true;
  } catch (error) {
    console.log(`FAIL  Flux's controllers were not built: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}
