import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../lab/settings.ts';
import { type ImageConfig, writeArchive } from './archive.ts';
import { baseDecidedBy, baseEntries, CERTIFICATES, NFT, NON_ROOT } from './content/base.ts';
import { ensureDebianPackages } from './content/debian.ts';
import { dependencyEntries } from './content/dependencies.ts';
import { type Platform, thisPlatform } from './content/platform.ts';
import { sourceEntries, sourcesDecidedBy } from './content/sources.ts';
import type { Digest } from './digest.ts';
import { buildLayer, type Layer, type LayerContent } from './layer.ts';
import { writeTree } from './tree.ts';

export interface BuiltImage {
  readonly name: string;
  readonly file: string;
  readonly digest: Digest;
  readonly layers: readonly Layer[];
}

/**
 * The three parts of Berth's image, from what changes least to what changes
 * with every edit, so that an edit makes only the last one anew.
 */
export async function berthContent(checkout: string): Promise<readonly LayerContent[]> {
  await ensureDebianPackages({ nftables: NFT, 'ca-certificates': CERTIFICATES });
  const platform = thisPlatform();
  return [
    {
      title: 'base: node, nft, their libraries, certificates',
      entries: () => baseEntries(checkout, platform),
      decidedBy: await baseDecidedBy(checkout, platform),
    },
    { title: 'dependencies: production packages of package-lock.json', entries: () => dependencyEntries(checkout) },
    {
      title: 'berth: its sources without types',
      entries: () => sourceEntries(checkout),
      decidedBy: await sourcesDecidedBy(checkout),
    },
  ];
}

/** Writes the file system of Berth's image below a folder, for who runs the program without a container. */
export async function unpackBerth(checkout: string, root: string): Promise<void> {
  const parts = await Promise.all((await berthContent(checkout)).map((part) => part.entries()));
  await writeTree(parts.flat(), root);
}

/**
 * Builds Berth's own image, the one that users get, into an OCI archive.
 *
 * @param name full, with tag.
 */
export async function buildBerthImage(checkout: string, name: string, file: string): Promise<BuiltImage> {
  const content = await berthContent(checkout);
  const layers = await Promise.all(content.map((one) => buildLayer(one, join(cacheDirectory(), 'layers'))));
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
  const digest = await writeArchive(file, name, configOf(thisPlatform(), version), layers);
  return { name, file, digest, layers };
}

function configOf(platform: Platform, version: string): ImageConfig {
  return {
    architecture: platform.oci,
    user: `${NON_ROOT}:${NON_ROOT}`,
    entrypoint: ['/usr/local/bin/node', '/app/src/main.js'],
    // glibc keeps memory in an arena for each thread of Node's; one is enough here and 12 MB smaller.
    env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin', NODE_ENV: 'production', MALLOC_ARENA_MAX: '1' },
    workingDirectory: '/app',
    labels: {
      'org.opencontainers.image.title': 'berth',
      'org.opencontainers.image.description': 'LoadBalancer Services for bare-metal Kubernetes, run through git',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': version,
    },
  };
}
