import { LICENCE } from '../content/dependencies.ts';
import type { ProductionPackage } from '../content/production-packages.ts';
import type { Component } from './component.ts';

/**
 * The npm packages in the image, each version once.
 *
 * @param paths the files of the image, where licence texts are looked for.
 * @throws Error where a package doesn't say its licence.
 */
export function npmComponents(packages: readonly ProductionPackage[], paths: readonly string[]): readonly Component[] {
  const purls = new Map(packages.map((one) => [one.path, npmPurl(one)]));
  const components = packages.map((one): Component => {
    if (one.license === undefined) {
      throw new Error(`Cannot list the licence of "${one.path}": package-lock.json has none; choose another package`);
    }
    return {
      type: 'library',
      name: one.name,
      version: one.version,
      purl: purls.get(one.path)!,
      licence: { expression: one.license },
      texts: licenceTexts(`app/${one.path}/`, paths),
      ...(one.integrity && { sha512: sha512Of(one.integrity) }),
      uses: one.uses.map((path) => purls.get(path)!),
    };
  });
  return [...new Map(components.map((one) => [one.purl, one])).values()];
}

export function npmPurl({ name, version }: Pick<ProductionPackage, 'name' | 'version'>): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** The integrity of a lock file, "sha512-" and base64, as hex. */
export function sha512Of(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}

function licenceTexts(folder: string, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => {
    const below = path.startsWith(folder) ? path.slice(folder.length) : '';
    return LICENCE.test(below) && !below.includes('node_modules/');
  });
}
