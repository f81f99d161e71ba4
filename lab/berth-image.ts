import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { BERTH_IMAGE, buildBerthImage } from '../image/berth-image.ts';
import type { LabImage } from './images/lab-images.ts';
import { cacheDirectory } from './settings.ts';

const checkout = resolve(import.meta.dirname, '..');
/** What the lab builds from the checkout, under the tag that its overlay has. */
export const labImage = `${BERTH_IMAGE}:dev`;

/**
 * Builds Berth's own image from the checkout, the one that users get; layers
 * that didn't change come from the cache.
 */
export async function berthImage(): Promise<LabImage> {
  // Two checkouts have two images under one name.
  const which = createHash('sha256').update(checkout).digest('hex').slice(0, 8);
  const file = join(cacheDirectory(), 'images', `berth-${which}.oci.tar`);
  await buildBerthImage(checkout, labImage, file);
  return { name: labImage, file };
}
