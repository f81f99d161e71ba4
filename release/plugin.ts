import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { copiedFile, type Entry, inTreeOrder } from '../image/entry.ts';
import { tarOf } from '../image/tar.ts';

/** Of the image's own folder, what runs on a node only: the packet sockets, built for one processor. */
const ON_NODES_ONLY = /^app\/node_modules\/(?:koffi|@koromix)\//;

/**
 * Writes the archive of the kubectl plugin: the program of the image without
 * Node, for every system that has one.
 *
 * @param content the entries of the image.
 */
export async function writePlugin(file: string, content: readonly Entry[], created: Date): Promise<void> {
  const program = content
    .filter(({ path }) => path.startsWith('app/') && !ON_NODES_ONLY.test(path))
    .map((entry): Entry => ({ ...entry, path: entry.path.replace(/^app\//, 'lib/') }));
  const launcher = copiedFile('kubectl-berth', join(import.meta.dirname, 'kubectl-berth'), 0o755);
  await pipeline(
    tarOf(inTreeOrder([launcher, ...program]), created),
    createGzip({ level: 9 }),
    createWriteStream(file),
  );
}
