import { join } from 'node:path';
import { cacheDirectory } from '../lab/settings.ts';
import { type ImageConfig, type PlatformImage, writeArchive } from './archive.ts';
import { aboutDecidedBy, aboutEntries } from './bill/about.ts';
import { type BuildInfo, unreleased } from './build-info.ts';
import { baseDecidedBy, baseEntries, NON_ROOT } from './content/base.ts';
import { dependencyEntries } from './content/dependencies.ts';
import { originFor } from './content/origin.ts';
import { type Platform, thisPlatform } from './content/platform.ts';
import { sourceEntries, sourcesDecidedBy } from './content/sources.ts';
import { dateTime } from './date-time.ts';
import type { Digest } from './digest.ts';
import { buildLayer, type Layer, type LayerContent } from './layer.ts';
import { writeTree } from './tree.ts';

/** The image's name, without tag, in the manifests of kustomize/. */
export const BERTH_IMAGE = 'berth.dev/berth';

export interface BuiltImage {
  readonly name: string;
  readonly file: string;
  readonly digest: Digest;
  readonly images: readonly { readonly platform: Platform; readonly layers: readonly Layer[] }[];
}

/**
 * The parts of Berth's image, from what changes least to what changes with
 * every edit, so that an edit makes only the last one anew.
 */
export async function berthContent(
  checkout: string,
  info: BuildInfo,
  platform: Platform = thisPlatform(),
): Promise<readonly LayerContent[]> {
  const origin = await originFor(checkout, platform);
  // Drawn where a layer must be made, and then once for that layer and for what is said about it.
  const base = once(() => baseEntries(origin));
  const dependencies = once(() => dependencyEntries(origin));
  const baseFiles = await baseDecidedBy(origin);
  return [
    { title: 'base: node, nft, their libraries, certificates', entries: base, decidedBy: baseFiles },
    { title: 'dependencies: production packages of package-lock.json', entries: dependencies },
    {
      title: 'about: version, licences, bill of materials',
      entries: async () => aboutEntries(origin, info, [...(await base()), ...(await dependencies())]),
      decidedBy: [...baseFiles, ...(await aboutDecidedBy(checkout))],
      variant: JSON.stringify(info),
    },
    {
      title: 'berth: its sources without types',
      entries: () => sourceEntries(checkout),
      decidedBy: await sourcesDecidedBy(checkout),
    },
  ];
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Writes the file system of Berth's image below a folder, for who runs the program without a container. */
export async function unpackBerth(checkout: string, root: string): Promise<void> {
  const content = await berthContent(checkout, await unreleased(checkout));
  const parts = await Promise.all(content.map((part) => part.entries()));
  await writeTree(parts.flat(), root);
}

/**
 * Builds Berth's own image, the one that users get, into an OCI archive.
 *
 * @param name full, with tag.
 * @param platforms one is an image, several are an index of images.
 */
export async function buildBerthImage(
  checkout: string,
  name: string,
  file: string,
  { info, platforms = [thisPlatform()] }: { info?: BuildInfo; platforms?: readonly Platform[] } = {},
): Promise<BuiltImage> {
  const build = info ?? (await unreleased(checkout));
  const images: (PlatformImage & { readonly platform: Platform })[] = [];
  // One after the other, since platforms share a layer, which is then made once.
  for (const platform of platforms) {
    const content = await berthContent(checkout, build, platform);
    const layers = await Promise.all(content.map((one) => buildLayer(one, join(cacheDirectory(), 'layers'))));
    images.push({ platform, layers, config: configOf(platform, build) });
  }
  return { name, file, digest: await writeArchive(file, name, images), images };
}

function configOf(platform: Platform, { version, created, revision }: BuildInfo): ImageConfig {
  return {
    architecture: platform.oci,
    user: `${NON_ROOT}:${NON_ROOT}`,
    entrypoint: ['/usr/local/bin/node', '/app/src/main.js'],
    // glibc keeps memory in an arena for each thread of Node's; one is enough here and 12 MB smaller.
    env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin', NODE_ENV: 'production', MALLOC_ARENA_MAX: '1' },
    workingDirectory: '/app',
    created,
    labels: {
      'org.opencontainers.image.title': 'berth',
      'org.opencontainers.image.description': 'LoadBalancer Services for bare-metal Kubernetes, run through git',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': version,
      ...(revision && {
        'org.opencontainers.image.created': dateTime(created),
        'org.opencontainers.image.revision': revision,
      }),
    },
  };
}
