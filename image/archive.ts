import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { dateTime } from './date-time.ts';
import { type Digest, digestOf, hexOf } from './digest.ts';
import { copiedFile, type Entry, inTreeOrder, textFile } from './entry.ts';
import { LAYER_TYPE, type Layer } from './layer.ts';
import { tarOf } from './tar.ts';

/** What a container engine needs to know to start the image. */
export interface ImageConfig {
  readonly architecture: 'amd64' | 'arm64';
  /** "uid:gid". */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Without it the epoch, since the same content must give the same image. */
  readonly created?: Date;
}

/** An image for one platform. */
export interface PlatformImage {
  readonly config: ImageConfig;
  readonly layers: readonly Layer[];
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/**
 * Writes an image as an OCI image layout in a tar (image-spec 1.1), which
 * `ctr images import`, `podman load` and `skopeo copy oci-archive:` take.
 * The name is carried in both annotations that importers look at.
 *
 * @param name full, with registry and tag, such as "berth.dev/berth:dev".
 * @param images one for each platform.
 * @returns the digest by which a registry knows it: that of the manifest, or of
 *   the index over the manifests where there are several.
 */
export async function writeArchive(file: string, name: string, images: readonly PlatformImage[]): Promise<Digest> {
  const blobs = new Map<Digest, Entry>();
  for (const layer of images.flatMap(({ layers }) => layers)) {
    blobs.set(layer.digest, copiedFile(blobPath(layer.digest), layer.file));
  }
  const addJson = (mediaType: string, value: unknown) => {
    const text = JSON.stringify(value);
    const digest = digestOf(text);
    blobs.set(digest, textFile(blobPath(digest), text));
    return { mediaType, digest, size: Buffer.byteLength(text) };
  };

  const manifests = images.map(({ config, layers }) => ({
    ...addJson(MANIFEST_TYPE, {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: addJson('application/vnd.oci.image.config.v1+json', configDocument(config, layers)),
      layers: layers.map(({ digest, bytes }) => ({ mediaType: LAYER_TYPE, digest, size: bytes })),
      ...(config.labels && { annotations: config.labels }),
    }),
    platform: { architecture: config.architecture, os: 'linux' },
  }));
  const indexOf = (described: readonly object[]) => ({
    schemaVersion: 2,
    mediaType: INDEX_TYPE,
    manifests: described,
  });
  const image = manifests.length === 1 ? manifests[0]! : addJson(INDEX_TYPE, indexOf(manifests));
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  const index = indexOf([{ ...image, annotations }]);

  const entries = inTreeOrder([
    textFile('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' })),
    textFile('index.json', JSON.stringify(index)),
    ...blobs.values(),
  ]);
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.part`;
  try {
    await pipeline(tarOf(entries), createWriteStream(unfinished));
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  return image.digest;
}

function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** image-spec's config. */
function configDocument(config: ImageConfig, layers: readonly Layer[]): unknown {
  const created = dateTime(config.created ?? new Date(0));
  return {
    created,
    architecture: config.architecture,
    os: 'linux',
    config: {
      User: config.user,
      Entrypoint: config.entrypoint,
      ...(config.command && { Cmd: config.command }),
      ...(config.env && { Env: Object.entries(config.env).map(([key, value]) => `${key}=${value}`) }),
      ...(config.workingDirectory && { WorkingDir: config.workingDirectory }),
      ...(config.labels && { Labels: config.labels }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created, created_by: layer.title })),
  };
}
