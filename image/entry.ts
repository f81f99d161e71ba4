/**
 * One thing in an image's file system. Paths are relative to the root, with
 * forward slashes and no leading one; everything belongs to root.
 */
export type Entry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Content }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string };

/** The bytes themselves, or the file on this machine that holds them. */
export type Content = Uint8Array | { readonly copyOf: string };

/** A file whose content is given as text. */
export function textFile(path: string, text: string, mode = 0o644): Entry {
  return { kind: 'file', path, mode, content: new TextEncoder().encode(text) };
}

/** A file copied from this machine. */
export function copiedFile(path: string, source: string, mode = 0o644): Entry {
  return { kind: 'file', path, mode, content: { copyOf: source } };
}

/**
 * The entries in the one order in which they are written: each directory
 * before what it holds, names by code unit, missing parents added (0755).
 *
 * @throws Error where a path is absolute, climbs out of the root, or is given twice.
 */
export function inTreeOrder(entries: readonly Entry[]): readonly Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw new Error(`Cannot place "${entry.path}" in the image: the path must be relative, without "." and ".."`);
    }
    if (byPath.has(entry.path)) throw new Error(`Cannot place "${entry.path}" in the image: it is given twice`);
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) {
    for (let parent = parentOf(entry.path); parent !== ''; parent = parentOf(parent)) {
      const holder = byPath.get(parent);
      if (holder === undefined) byPath.set(parent, { kind: 'directory', path: parent, mode: 0o755 });
      else if (holder.kind !== 'directory') {
        throw new Error(`Cannot place "${entry.path}" in the image: "${parent}" is a ${holder.kind}`);
      }
    }
  }
  return [...byPath.values()].sort((a, b) => compareParts(a.path.split('/'), b.path.split('/')));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i]!, b[i]!];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
