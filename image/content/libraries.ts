import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { neededLibraries } from './elf.ts';
import type { Origin } from './origin.ts';

/** A shared library: the name that programs ask for, and the file that has it. */
export interface Library {
  readonly soname: string;
  readonly file: string;
}

/**
 * What these programs and libraries load when they start, the loader included;
 * each once, in order of name.
 *
 * @throws Error that names the library which the origin lacks.
 */
export async function librariesOf(programs: readonly string[], origin: Origin): Promise<readonly Library[]> {
  const found = new Map<string, string>();
  const toRead = [...programs];
  for (const program of toRead) {
    for (const soname of neededLibraries(await readFile(program))) {
      if (found.has(soname)) continue;
      const file = await locate(soname, origin);
      found.set(soname, file);
      toRead.push(file);
    }
  }
  return [...found].map(([soname, file]) => ({ soname, file })).sort((a, b) => (a.soname < b.soname ? -1 : 1));
}

/** A Debian that merged /usr has one of these folders, a package that is only unpacked may have both. */
async function locate(soname: string, { debian, platform }: Origin): Promise<string> {
  for (const folder of ['usr/lib', 'lib']) {
    try {
      return await realpath(join(debian, folder, platform.triplet, soname));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`Cannot build the image: the library "${soname}" is not installed`);
}
