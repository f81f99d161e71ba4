import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeArchive } from '../../image/archive.ts';
import { thisPlatform } from '../../image/content/platform.ts';
import { copiedFile } from '../../image/entry.ts';
import { buildLayer } from '../../image/layer.ts';
import { fluxRecipes, type Recipe } from '../binaries/recipe.ts';
import { findProgram } from '../binaries.ts';
import type { LabImage } from '../images/lab-images.ts';
import { type Report, reportToStderr } from '../progress.ts';
import { cacheDirectory } from '../settings.ts';

/**
 * The images of Flux's controllers: each is one static program, built here from
 * its Go module. The first call takes minutes; afterwards they are at hand.
 *
 * @throws LabProblem where Go is missing or a build fails.
 */
export async function fluxImages(report: Report = reportToStderr, signal?: AbortSignal): Promise<readonly LabImage[]> {
  const images: LabImage[] = [];
  // One after the other: either build takes all there is.
  for (const recipe of fluxRecipes) images.push(await fluxImage(recipe, report, signal));
  return images;
}

async function fluxImage(recipe: Recipe, report: Report, signal: AbortSignal | undefined): Promise<LabImage> {
  const [program] = recipe.programs;
  const binary = await findProgram(program!, report, signal);
  const name = `lab.berth.dev/${recipe.name}:${recipe.version}`;
  // The folder's name has the hash of what the program was made from.
  const file = join(cacheDirectory(), 'images', `${basename(dirname(binary))}.oci.tar`);
  if (existsSync(file)) return { name, file };
  await mkdir(dirname(file), { recursive: true });
  const entries = async () => [copiedFile(recipe.name, binary, 0o755)];
  const layer = await buildLayer({ title: recipe.name, entries }, join(cacheDirectory(), 'layers'));
  const config = {
    architecture: thisPlatform().oci,
    user: '65534:65534',
    entrypoint: [`/${recipe.name}`],
  };
  await writeArchive(file, name, [{ config, layers: [layer] }]);
  return { name, file };
}
