import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './binaries/build.ts';
import {
  clusterRecipe,
  containerdRecipe,
  folderName,
  type ProgramName,
  type Recipe,
  recipeOf,
} from './binaries/recipe.ts';
import { type Report, reportToStderr } from './progress.ts';
import { cacheDirectory } from './settings.ts';

export type { ProgramName } from './binaries/recipe.ts';

/**
 * The path of a program: the file of that name in `$KUBEBUILDER_ASSETS`, else
 * the one in the cache, else one built now with Go.
 *
 * @throws LabProblem when it must be built and cannot be.
 */
export async function findProgram(
  name: ProgramName,
  report: Report = reportToStderr,
  signal?: AbortSignal,
): Promise<string> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets && existsSync(join(assets, name))) return join(assets, name);
  const recipe = recipeOf(name);
  const folder = folderOf(recipe);
  if (!existsSync(folder)) await build(recipe, folder, report, signal);
  return join(folder, name);
}

/** Builds everything that a whole lab needs, as far as it isn't there yet. @throws LabProblem */
export async function ensureBinaries(report: Report = reportToStderr, signal?: AbortSignal): Promise<void> {
  for (const recipe of [clusterRecipe, containerdRecipe]) {
    for (const name of recipe.programs) await findProgram(name, report, signal);
  }
}

function folderOf(recipe: Recipe): string {
  return join(cacheDirectory(), 'bin', folderName(recipe));
}
