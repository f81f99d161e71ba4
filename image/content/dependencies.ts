import { join } from 'node:path';
import { copiedFile, type Entry } from '../entry.ts';
import { filesBelow, plainMode } from './files-below.ts';
import type { Origin } from './origin.ts';
import { type ProductionPackage, productionPackages } from './production-packages.ts';

/**
 * Never read when the package runs: type declarations and TypeScript sources
 * (Node refuses to strip types below node_modules), source maps, C++ sources
 * and their build files, web pages, the settings of its author's tools (dot
 * files). Licence texts stay, whatever their ending.
 */
const NOT_RUN =
  /\.(?:[cm]?ts|[cm]?tsx|map|flow|md|markdown|c|cc|cpp|h|hh|hpp|S|asm|def|inc|gyp|gypi|yml|html|tsbuildinfo)$|(?:^|\/)(?:CMakeLists\.txt|\.[^/]+)$/;
export const LICENCE = /(?:^|\/)(?:licen[cs]e|notice|copying|copyright)[^/]*$/i;

/** Folders at the top of a package; deeper ones of that name may hold code (yaml's dist/doc does). */
const IDLE_FOLDER = /^(?:tests?|__tests__|docs?|examples?|bench|benchmarks?|coverage|vendor|\.[^/]+)$/;

/** koffi comes for two C libraries; Debian's is glibc. */
const OTHER_LIBC = /^musl_/;

/** What changes with the lock file only: the packages of production, without what never runs. */
export async function dependencyEntries(origin: Origin): Promise<readonly Entry[]> {
  return (await Promise.all((await productionPackages(origin)).map(packageEntries))).flat();
}

async function packageEntries({ path, folder }: ProductionPackage): Promise<readonly Entry[]> {
  const files = await filesBelow(
    folder,
    (below) => below !== 'node_modules' && !IDLE_FOLDER.test(below) && !OTHER_LIBC.test(below),
  );
  const kept = files.filter((file) => LICENCE.test(file) || !NOT_RUN.test(file));
  return Promise.all(
    kept.map(async (file) => {
      const source = join(folder, file);
      return copiedFile(`app/${path}/${file}`, source, await plainMode(source));
    }),
  );
}
