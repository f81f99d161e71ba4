import { findGo } from '../binaries/go.ts';
import type { Recipe } from '../binaries/recipe.ts';
import { run } from '../machine/run.ts';

/**
 * The folder of the Go module that a recipe builds, fetched where it isn't on
 * this machine; Go holds it against the recipe's go.sum. It brings the
 * controller's own manifests.
 */
export async function moduleOf(recipe: Recipe): Promise<string> {
  const go = await findGo(`${recipe.name} ${recipe.version}`);
  const said = await run([go, 'mod', 'download', '-json', recipe.packages[0]!], { directory: recipe.source });
  return (JSON.parse(said) as { Dir: string }).Dir;
}
