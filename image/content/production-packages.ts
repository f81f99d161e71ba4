import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An installed npm package that runs in production. */
export interface ProductionPackage {
  /** Below the checkout, such as "node_modules/form-data/node_modules/mime-db". */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
}

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

/** Node comes as npm packages (the base layer has it), and types only serve the checker. */
const NEVER_IMPORTED = /^(node-linux-|@types\/|undici-types$)/;

/** Packages for Bare, another JavaScript runtime: tar-fs and streamx ask for them only there. */
const FOR_ANOTHER_RUNTIME = /^bare-/;

/**
 * The packages that the lock file marks as needed in production.
 *
 * @throws Error where one of them isn't installed; optional ones may be absent
 *   (they are for other machines).
 */
export async function productionPackages(checkout: string): Promise<readonly ProductionPackage[]> {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
    await readFile(join(checkout, 'package-lock.json'), 'utf8'),
  );
  return Object.entries(lock.packages).flatMap(([path, locked]) => {
    if (path === '' || locked.dev || locked.devOptional) return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (NEVER_IMPORTED.test(name) || FOR_ANOTHER_RUNTIME.test(name)) return [];
    if (!existsSync(join(checkout, path))) {
      if (locked.optional) return [];
      throw new Error(`Cannot build the image: "${path}" is in package-lock.json but not installed; run npm ci`);
    }
    return [{ path, name, version: locked.version, license: locked.license }];
  });
}
