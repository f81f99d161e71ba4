import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdDecompressSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { thisPlatform } from './content/platform.ts';
import { digestOf } from './digest.ts';

export interface TarMember {
  readonly header: Header;
  readonly body: Uint8Array;
}

export interface ImageContent {
  readonly name: string;
  readonly config: {
    readonly created: string;
    readonly architecture: string;
    readonly config: {
      readonly User: string;
      readonly Entrypoint: readonly string[];
      readonly Env: readonly string[];
      readonly WorkingDir: string;
      readonly Labels?: Readonly<Record<string, string>>;
    };
    readonly rootfs: { readonly diff_ids: readonly string[] };
  };
  /** The members of each layer, in the order written. */
  readonly layers: readonly (readonly TarMember[])[];
  /** Regular files by path, the last layer's word counts. */
  readonly files: ReadonlyMap<string, TarMember>;
}

/**
 * Reads an OCI archive as an importer does: from the index to the layers, each
 * blob held against the digest and the size by which it is asked for.
 *
 * @param architecture which image to read, where there is an index of several.
 */
export async function readArchive(file: string, architecture: string = thisPlatform().oci): Promise<ImageContent> {
  const blobs = new Map((await members(await readFile(file))).map(({ header, body }) => [header.name, body]));
  const blob = ({ digest, size }: { digest: string; size: number }): Uint8Array => {
    const body = blobs.get(`blobs/sha256/${digest.replace('sha256:', '')}`);
    if (body === undefined || digestOf(body) !== digest || body.byteLength !== size) {
      throw new Error(`${file}: blob ${digest} of ${size} bytes is missing or another one`);
    }
    return body;
  };
  const json = (body: Uint8Array) => JSON.parse(Buffer.from(body).toString());

  const [described] = json(blobs.get('index.json')!).manifests;
  const image = json(blob(described));
  const forPlatform = (one: { platform: { architecture: string } }) => one.platform.architecture === architecture;
  const manifest = image.manifests === undefined ? image : json(blob(image.manifests.find(forPlatform)));
  const config: ImageContent['config'] = json(blob(manifest.config));
  const layers: (readonly TarMember[])[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const tar = zstdDecompressSync(blob(layer));
    if (digestOf(tar) !== config.rootfs.diff_ids[index]) throw new Error(`${file}: layer ${index} isn't its diff id`);
    layers.push(await members(tar));
  }
  const regular = layers.flat().filter(({ header }) => header.type === 'file');
  return {
    name: described.annotations['io.containerd.image.name'],
    config,
    layers,
    files: new Map(regular.map((member) => [member.header.name, member])),
  };
}

async function members(tar: Uint8Array): Promise<readonly TarMember[]> {
  const found: TarMember[] = [];
  const reader = extract();
  reader.on('entry', (header, stream, next) => {
    buffer(stream as unknown as NodeJS.ReadableStream).then((body) => {
      found.push({ header, body });
      next();
    }, next);
  });
  const done = new Promise<void>((resolve, reject) => reader.on('finish', resolve).on('error', reject));
  Readable.from([tar]).pipe(reader as unknown as NodeJS.WritableStream);
  await done;
  return found;
}
