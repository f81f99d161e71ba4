import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuiltImage, berthContent, buildBerthImage } from '../image/berth-image.ts';
import { BILL, LICENCE_LIST } from '../image/bill/about.ts';
import type { BuildInfo } from '../image/build-info.ts';
import type { Platform } from '../image/content/platform.ts';
import type { Entry } from '../image/entry.ts';
import { writeChecksums } from './checksums.ts';
import { definitions, overlaysOf, pinnedManifests } from './manifests.ts';
import { writePlugin } from './plugin.ts';

export interface ReleaseRequest {
  readonly checkout: string;
  readonly info: BuildInfo;
  /** The image's name, with registry and without tag. */
  readonly image: string;
  readonly platforms: readonly Platform[];
}

export type ReleasedImage = Pick<BuiltImage, 'name' | 'digest' | 'images'>;

/**
 * Writes a release into a folder, in place of what it held. The same request
 * gives the same bytes; the folder is never there half written.
 */
export async function writeRelease(folder: string, request: ReleaseRequest): Promise<ReleasedImage> {
  const unfinished = `${folder}.${process.pid}.part`;
  try {
    await mkdir(unfinished, { recursive: true });
    const image = await fill(unfinished, request);
    await writeChecksums(unfinished);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return image;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function fill(
  folder: string,
  { checkout, info, image: name, platforms }: ReleaseRequest,
): Promise<ReleasedImage> {
  const { version } = info;
  const archive = join(folder, `berth-${version}.oci.tar`);
  const image = await buildBerthImage(checkout, `${name}:${version}`, archive, { info, platforms });

  const pinned = { name, tag: version, digest: image.digest };
  for (const overlay of overlaysOf(checkout)) {
    await writeFile(join(folder, `berth-${overlay}.yaml`), await pinnedManifests(checkout, overlay, pinned));
  }
  await writeFile(join(folder, 'berth-crds.yaml'), await definitions(checkout));

  for (const [index, platform] of platforms.entries()) {
    const content = await entriesOf(checkout, info, platform);
    await writeFile(join(folder, `berth-linux-${platform.oci}.cdx.json`), textOf(content, BILL));
    await writeFile(join(folder, `THIRD-PARTY-LICENSES-linux-${platform.oci}.txt`), textOf(content, LICENCE_LIST));
    // The plugin is without what differs between platforms, so any of them will do.
    if (index === 0) await writePlugin(join(folder, `kubectl-berth-${version}.tar.gz`), content, info.created);
  }
  await copyFile(join(checkout, 'LICENSE'), join(folder, 'LICENSE'));
  return image;
}

async function entriesOf(checkout: string, info: BuildInfo, platform: Platform): Promise<readonly Entry[]> {
  const content = await berthContent(checkout, info, platform);
  return (await Promise.all(content.map((part) => part.entries()))).flat();
}

function textOf(entries: readonly Entry[], path: string): Uint8Array {
  const entry = entries.find((one) => one.path === path);
  if (entry?.kind !== 'file' || !(entry.content instanceof Uint8Array)) {
    throw new Error(`Cannot write the release: the image has no text "${path}"`);
  }
  return entry.content;
}
