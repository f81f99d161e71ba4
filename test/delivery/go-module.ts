import { findGo } from '../../lab/binaries/go.ts';
import { run } from '../../lab/machine/run.ts';

/**
 * The folder of a Go module on this machine, fetched from the module proxy
 * where it isn't there yet. Used for what such a module brings besides code.
 *
 * @param sum its hash as go.sum has it.
 * @throws Error where the module's content is another one.
 */
export async function goModule(path: string, version: string, sum: string): Promise<string> {
  const go = await findGo(path);
  const said = JSON.parse(await run([go, 'mod', 'download', '-json', `${path}@${version}`], { directory: '/' }));
  if (said.Sum !== sum) throw new Error(`${path}@${version} has the sum "${said.Sum}", not "${sum}"`);
  return said.Dir;
}
