import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Origin } from './origin.ts';
import type { Platform } from './platform.ts';

/** An installed npm package that runs in production. */
export interface ProductionPackage {
  /** As the lock file has it, such as "node_modules/form-data/node_modules/mime-db". */
  readonly path: string;
  /** Where it is installed. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
  /** What npm holds the package's archive against: "sha512-" and base64. */
  readonly integrity: string | undefined;
  /** Those of its dependencies that are installed, by path. */
  readonly uses: readonly string[];
}

export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  /** The processors and systems that it is made for, where not for all. */
  readonly cpu?: string | readonly string[];
  readonly os?: string | readonly string[];
}

/** Node comes as npm packages (the base layer has it), and types only serve the checker. */
const NEVER_IMPORTED = /^(node-linux-|@types\/|undici-types$)/;

/** Packages for Bare, another JavaScript runtime: tar-fs and streamx ask for them only there. */
const FOR_ANOTHER_RUNTIME = /^bare-/;

/** The lock file of a folder: paths of packages to what is locked there; '' is the project itself. */
export async function lockedPackages(folder: string): Promise<Readonly<Record<string, LockedPackage>>> {
  return JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')).packages;
}

/** Whether a package runs in production on this platform, as far as the lock file tells. */
export function runsOn({ node }: Platform, { dev, devOptional, cpu = node, os = 'linux' }: LockedPackage): boolean {
  return !dev && !devOptional && [cpu].flat().includes(node) && [os].flat().includes('linux');
}

/**
 * The packages that the lock file marks as needed in production.
 *
 * @throws Error where one of them isn't installed.
 */
export async function productionPackages(origin: Origin): Promise<readonly ProductionPackage[]> {
  const { checkout, native, platform } = origin;
  const found = Object.entries(await lockedPackages(checkout)).filter(
    ([path, locked]) => path !== '' && runsOn(platform, locked) && !isLeftOut(nameOf(path)),
  );
  const paths = new Set(found.map(([path]) => path));
  return found.map(([path, locked]) => {
    const folder = join(locked.cpu ? native : checkout, path);
    if (!existsSync(folder)) {
      throw new Error(`Cannot build the image: "${path}" is in package-lock.json but not installed; run npm ci`);
    }
    return {
      path,
      folder,
      name: nameOf(path),
      version: locked.version,
      license: locked.license,
      integrity: locked.integrity,
      uses: dependencyPaths(path, locked, paths),
    };
  });
}

/** Where Node finds what a package asks for: in its own node_modules, else in those around it. */
export function dependencyPaths(
  path: string,
  { dependencies, optionalDependencies }: Pick<LockedPackage, 'dependencies' | 'optionalDependencies'>,
  installed: ReadonlySet<string>,
): readonly string[] {
  const folders = [path];
  for (let folder = path; folder !== ''; folders.push(folder)) {
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
  }
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap(
    (name) => folders.map((folder) => posix.join(folder, 'node_modules', name)).find((one) => installed.has(one)) ?? [],
  );
}

function isLeftOut(name: string): boolean {
  return NEVER_IMPORTED.test(name) || FOR_ANOTHER_RUNTIME.test(name);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
