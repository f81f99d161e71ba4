import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A shared library: the name that programs ask for, and where this machine has it. */
export interface Library {
  readonly soname: string;
  /** As the loader found it; links not resolved. */
  readonly found: string;
  /** The file itself. */
  readonly file: string;
}

/**
 * What these programs and libraries load when they start, the loader included,
 * as `ldd` tells; each once, in order of name.
 *
 * @throws Error that names the library which this machine lacks.
 */
export async function librariesOf(programs: readonly string[]): Promise<readonly Library[]> {
  const found = new Map<string, string>();
  const { stdout } = await run('ldd', [...programs]);
  for (const line of stdout.split('\n')) {
    const missing = /^\s*(\S+) => not found/.exec(line)?.[1];
    if (missing !== undefined) throw new Error(`Cannot build the image: the library "${missing}" is not installed`);
    // "libm.so.6 => /lib/…/libm.so.6 (0x…)", or for the loader "/lib64/ld-linux-x86-64.so.2 (0x…)".
    const path = /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1];
    if (path !== undefined) found.set(basename(path), path);
  }
  const libraries = [...found].map(async ([soname, path]) => ({ soname, found: path, file: await realpath(path) }));
  return (await Promise.all(libraries)).sort((a, b) => (a.soname < b.soname ? -1 : 1));
}
