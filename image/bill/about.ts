import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildInfo } from '../build-info.ts';
import type { Origin } from '../content/origin.ts';
import {
  dependencyPaths,
  lockedPackages,
  type ProductionPackage,
  productionPackages,
} from '../content/production-packages.ts';
import { copiedFile, type Entry, textFile } from '../entry.ts';
import type { Component } from './component.ts';
import { cyclonedx } from './cyclonedx.ts';
import { debianComponents } from './debian-components.ts';
import { licenceList } from './licence-list.ts';
import { npmComponents, npmPurl, sha512Of } from './npm-components.ts';

/** Where scanners look for what an image says of itself: any *.cdx.json. */
export const BILL = 'usr/share/doc/berth/berth.cdx.json';
export const LICENCE_LIST = 'usr/share/doc/berth/THIRD-PARTY-LICENSES.txt';

/**
 * What the image says of itself: its version, its licence, and, drawn from the
 * very entries of its other layers, what of others' work is inside.
 */
export async function aboutEntries(
  origin: Origin,
  info: BuildInfo,
  content: readonly Entry[],
): Promise<readonly Entry[]> {
  const packages = await productionPackages(origin);
  const paths = content.map(({ path }) => path).sort();
  const components = [
    await nodeComponent(origin),
    ...npmComponents(packages, paths),
    ...(await debianComponents(content)),
  ];
  const described = JSON.parse(await readFile(join(origin.checkout, 'package.json'), 'utf8'));
  return [
    textFile('app/package.json', `${JSON.stringify({ ...described, version: info.version }, null, 2)}\n`),
    copiedFile('app/LICENSE', join(origin.checkout, 'LICENSE')),
    textFile(BILL, cyclonedx(info, components, await direct(origin, packages, components))),
    textFile(LICENCE_LIST, licenceList(info, components)),
  ];
}

/** The files that decide those entries, beside those that decide the base. */
export async function aboutDecidedBy(checkout: string): Promise<readonly string[]> {
  const builder = (await readdir(import.meta.dirname)).map((name) => join(import.meta.dirname, name));
  return [...['package.json', 'package-lock.json', 'LICENSE'].map((name) => join(checkout, name)), ...builder];
}

/** Node comes as an npm package, and is known to everyone under its own name. */
async function nodeComponent({ checkout, platform }: Origin): Promise<Component> {
  const { version, license, integrity } = (await lockedPackages(checkout))[`node_modules/node-linux-${platform.node}`]!;
  return {
    type: 'application',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    licence: { expression: license! },
    texts: ['usr/share/doc/node/LICENSE'],
    ...(integrity && { sha512: sha512Of(integrity) }),
    uses: [],
  };
}

/** What package.json asks for, Node, and of Debian what no other package of it asks for. */
async function direct(
  { checkout }: Origin,
  packages: readonly ProductionPackage[],
  components: readonly Component[],
): Promise<readonly string[]> {
  const byPath = new Map(packages.map((one) => [one.path, one]));
  const asked = dependencyPaths('', (await lockedPackages(checkout))['']!, new Set(byPath.keys()));
  const used = new Set(components.flatMap(({ uses }) => uses));
  const onTop = components.flatMap(({ purl }) =>
    purl && !purl.startsWith('pkg:npm/') && !used.has(purl) ? [purl] : [],
  );
  return [...asked.map((path) => npmPurl(byPath.get(path)!)), ...onTop];
}
