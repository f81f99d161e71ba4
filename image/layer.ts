import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { type Digest, DigestMeter, digestOf, hexOf } from './digest.ts';
import { type Entry, inTreeOrder } from './entry.ts';
import { stampOf, stampOfFiles } from './stamp.ts';
import { tarOf } from './tar.ts';

/** A layer of an image, stored compressed in the cache. */
export interface Layer {
  /** What it holds, for a reader of the image's history. */
  readonly title: string;
  /** The compressed layer. */
  readonly file: string;
  readonly digest: Digest;
  readonly bytes: number;
  /** The tar inside, by which an image's configuration knows the layer. */
  readonly diffId: Digest;
  readonly tarBytes: number;
}

/**
 * zstd at this level: Node's binary becomes 18 % smaller than with gzip in less
 * time, and a node unpacks it three times faster (image/README.md has the figures).
 */
const LEVEL = 9;
export const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+zstd';

/** The code that turns entries into bytes: what an older form of it stored isn't used. */
const MAKERS = ['entry.ts', 'tar.ts', 'layer.ts'].map((name) => join(import.meta.dirname, name));

/** What a layer is made of. */
export interface LayerContent {
  readonly title: string;
  readonly entries: () => Promise<readonly Entry[]>;
  /**
   * Files that decide the entries alone, where finding out the entries costs
   * more than looking at these; else the entries' own files are looked at.
   */
  readonly decidedBy?: readonly string[];
  /** What decides them beside files, where `decidedBy` is given. */
  readonly variant?: string;
}

/**
 * The layer with this content. Work that `cache` already holds isn't
 * done again: the tar is made where a file changed since, and compressed where
 * its bytes are new.
 */
export async function buildLayer({ title, entries, decidedBy, variant }: LayerContent, cache: string): Promise<Layer> {
  await mkdir(cache, { recursive: true });
  const ordered = async () => inTreeOrder(await entries());
  const content = decidedBy ? `${await stampOfFiles(decidedBy)} ${variant ?? ''}` : await stampOf(await ordered());
  const stamp = digestOf(`${await stampOfFiles(MAKERS)} ${content}`);
  const description = join(cache, `stamp-${hexOf(stamp)}.json`);
  const known: Layer | undefined = await readJson(description);
  if (known !== undefined && existsSync(known.file)) return { ...known, title };

  const toWrite = await ordered();
  const plain = new DigestMeter();
  await pipeline(tarOf(toWrite), plain, new Writable({ write: (_chunk, _encoding, done) => done() }));
  const { digest: diffId, bytes: tarBytes } = plain.result();
  const file = join(cache, `${hexOf(diffId)}.zstd-${LEVEL}`);
  const layer = { title, diffId, tarBytes, ...(await compressed(toWrite, file)) };
  await writeWhole(description, (part) => writeFile(part, JSON.stringify(layer)));
  return layer;
}

type Compressed = Pick<Layer, 'file' | 'digest' | 'bytes'>;

/** Its description is written last: where that exists, the layer is whole. */
async function compressed(entries: readonly Entry[], file: string): Promise<Compressed> {
  const known: Compressed | undefined = await readJson(`${file}.json`);
  if (known !== undefined && existsSync(file)) return known;
  const meter = new DigestMeter();
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  await writeWhole(file, (part) => pipeline(tarOf(entries), zstd, meter, createWriteStream(part)));
  const made = { file, ...meter.result() };
  await writeWhole(`${file}.json`, (part) => writeFile(part, JSON.stringify(made)));
  return made;
}

/** A reader never sees half a file, also where two builds run at once. */
async function writeWhole(file: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await write(part);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`Cannot read "${file}" in the layer cache: remove it and build again`, { cause: error });
  }
}
