import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { project } from './built.ts';

/** What the image is made of. */
const OF_THE_IMAGE = ['src', 'bin', 'package.json', 'package-lock.json', 'LICENSE'];

/** A checkout of its own: an edit while the test runs changes nothing in it. */
export async function copyCheckout(copy: string, more: readonly string[] = []): Promise<string> {
  await mkdir(copy);
  for (const item of [...OF_THE_IMAGE, ...more]) await cp(join(project, item), join(copy, item), { recursive: true });
  await symlink(join(project, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
