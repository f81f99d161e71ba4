import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Digest, digestOf } from './digest.ts';
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
}

/**
 * Writes an image as an OCI image layout in a tar (image-spec 1.1), which
 * `ctr images import`, `podman load` and `skopeo copy oci-archive:` take.
 * The name is carried in both annotations that importers look at.
 *
 * @param name full, with registry and tag, such as "berth.dev/berth:dev".
 * @returns the digest of the image's manifest.
 */
export async function writeArchive(
  file: string,
  name: string,
  config: ImageConfig,
  layers: readonly Layer[],
): Promise<Digest> {
  const blobs = new Map<Digest, Entry>();
  for (const layer of layers) blobs.set(layer.digest, copiedFile(blobPath(layer.digest), layer.file));
  const addJson = (mediaType: string, value: unknown) => {
    const text = JSON.stringify(value);
    const digest = digestOf(text);
    blobs.set(digest, textFile(blobPath(digest), text));
    return { mediaType, digest, size: Buffer.byteLength(text) };
  };

  const configBlob = addJson('application/vnd.oci.image.config.v1+json', configDocument(config, layers));
  const manifest = addJson('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: configBlob,
    layers: layers.map(({ digest, bytes }) => ({ mediaType: LAYER_TYPE, digest, size: bytes })),
    ...(config.labels && { annotations: config.labels }),
  });
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...manifest,
        platform: { architecture: config.architecture, os: 'linux' },
        annotations: {
          'io.containerd.image.name': name,
          'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
        },
      },
    ],
  };

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
  return manifest.digest;
}

function blobPath(digest: Digest): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/** image-spec's config: its dates are fixed, since the same content must give the same image. */
function configDocument(config: ImageConfig, layers: readonly Layer[]): unknown {
  const created = '1970-01-01T00:00:00Z';
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
