import { stat } from 'node:fs/promises';
import { type Digest, digestOf } from './digest.ts';
import { copiedFile, type Entry } from './entry.ts';

/**
 * A digest that changes when any of these entries does, without reading the
 * files that they copy: their inode, size and change time stand for their
 * bytes, as in make. The change time can't be set by a program, so a file
 * restored with an old date is noticed too.
 */
export async function stampOf(entries: readonly Entry[]): Promise<Digest> {
  return digestOf(JSON.stringify(await Promise.all(entries.map(describe))));
}

/** As stampOf, for what is decided by these files alone. */
export async function stampOfFiles(files: readonly string[]): Promise<Digest> {
  return stampOf(files.map((file) => copiedFile(file, file)));
}

async function describe(entry: Entry): Promise<readonly (string | number)[]> {
  switch (entry.kind) {
    case 'directory':
      return [entry.kind, entry.path, entry.mode];
    case 'symlink':
      return [entry.kind, entry.path, entry.target];
    case 'file': {
      if (entry.content instanceof Uint8Array) return [entry.kind, entry.path, entry.mode, digestOf(entry.content)];
      const { dev, ino, size, ctimeNs } = await stat(entry.content.copyOf, { bigint: true });
      return [entry.kind, entry.path, entry.mode, `${dev}/${ino}`, String(size), String(ctimeNs)];
    }
  }
}
