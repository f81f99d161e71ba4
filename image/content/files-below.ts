import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The files below a folder, as paths relative to it, in no promised order.
 *
 * @param enter whether to go into this folder (its path relative to the root folder).
 */
export async function filesBelow(
  folder: string,
  enter: (path: string) => boolean = () => true,
  prefix = '',
): Promise<readonly string[]> {
  const found = await readdir(join(folder, prefix), { withFileTypes: true });
  const nested = found.map(async (item) => {
    const path = prefix === '' ? item.name : `${prefix}/${item.name}`;
    if (item.isDirectory()) return enter(path) ? filesBelow(folder, enter, path) : [];
    return item.isFile() ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}

/** 0755 for what its owner may run, 0644 for all else: the umask of the builder leaves no trace. */
export async function plainMode(file: string): Promise<number> {
  return (await stat(file)).mode & 0o100 ? 0o755 : 0o644;
}
