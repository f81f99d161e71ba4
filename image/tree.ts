import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, inTreeOrder } from './entry.ts';

/** Writes the entries below a folder, which must not hold any of them yet. */
export async function writeTree(entries: readonly Entry[], root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const entry of inTreeOrder(entries)) {
    const path = join(root, entry.path);
    switch (entry.kind) {
      case 'directory':
        await mkdir(path);
        await chmod(path, entry.mode);
        break;
      case 'symlink':
        await symlink(entry.target, path);
        break;
      case 'file':
        if (entry.content instanceof Uint8Array) await writeFile(path, entry.content);
        else await copyFile(entry.content.copyOf, path);
        await chmod(path, entry.mode);
        break;
    }
  }
}
