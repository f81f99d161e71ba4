import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { BERTH_IMAGE } from '../image/berth-image.ts';
import type { Digest } from '../image/digest.ts';
import { findProgram } from '../lab/binaries.ts';
import { run } from '../lab/machine/run.ts';

/** Of the overlays, what isn't for users: it names the image that a checkout just built. */
const FOR_THE_LAB = 'lab';

/** An image in a registry, by what it is and not only by what it is called. */
export interface PinnedImage {
  /** With registry, without tag. */
  readonly name: string;
  readonly tag: string;
  readonly digest: Digest;
}

/** The whole installs of a checkout, by the name of their overlay. */
export function overlaysOf(checkout: string): readonly string[] {
  return readdirSync(join(checkout, 'kustomize/overlays'), { withFileTypes: true })
    .filter((item) => item.isDirectory() && item.name !== FOR_THE_LAB)
    .map(({ name }) => name)
    .sort();
}

/** A whole install as one YAML stream, its image pinned. */
export async function pinnedManifests(checkout: string, overlay: string, image: PinnedImage): Promise<string> {
  const layer = await mkdtemp(join(tmpdir(), 'berth-release-'));
  try {
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(layer, join(checkout, 'kustomize/overlays', overlay))],
      images: [{ name: BERTH_IMAGE, newName: image.name, newTag: image.tag, digest: image.digest }],
    };
    await writeFile(join(layer, 'kustomization.yaml'), JSON.stringify(kustomization));
    return await build(layer);
  } finally {
    await rm(layer, { recursive: true });
  }
}

/** The definitions alone, for who applies them first. */
export async function definitions(checkout: string): Promise<string> {
  return build(join(checkout, 'kustomize/base/crds'));
}

async function build(folder: string): Promise<string> {
  return run([await findProgram('kubectl'), 'kustomize', folder]);
}
