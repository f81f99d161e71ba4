import { readFile } from 'node:fs/promises';
import { type Pack, pack } from 'tar-stream';
import type { Entry } from './entry.ts';

/** No clock reaches an archive: every entry is as old as the epoch, or as told. */
const EPOCH = new Date(0);

/**
 * The entries as a tar (ustar, with pax headers for names that don't fit), in
 * the order given. The same entries give the same bytes on every machine:
 * owner, group and times are fixed.
 *
 * @param date that of every entry.
 */
export function tarOf(entries: readonly Entry[], date: Date = EPOCH): AsyncIterable<Uint8Array> {
  const archive = pack();
  writeAll(archive, entries, date).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  // streamx leaves the type of its chunks open.
  return archive as AsyncIterable<Uint8Array>;
}

async function writeAll(archive: Pack, entries: readonly Entry[], date: Date): Promise<void> {
  for (const entry of entries) {
    const body = await bodyOf(entry);
    await new Promise<void>((resolve, reject) => {
      const written = (error?: Error | null) => (error ? reject(error) : resolve());
      if (body === undefined) archive.entry(headerOf(entry, date), written);
      else archive.entry({ ...headerOf(entry, date), size: body.byteLength }, body, written);
    });
  }
}

type Header = Parameters<Pack['entry']>[0];

function headerOf(entry: Entry, date: Date): Header {
  const common = { uid: 0, gid: 0, mtime: date };
  switch (entry.kind) {
    case 'directory':
      return { ...common, name: `${entry.path}/`, type: 'directory', mode: entry.mode };
    case 'symlink':
      return { ...common, name: entry.path, type: 'symlink', linkname: entry.target, mode: 0o777 };
    case 'file':
      return { ...common, name: entry.path, type: 'file', mode: entry.mode };
  }
}

/** A file's bytes; its size in the header must be that of the very bytes written. */
async function bodyOf(entry: Entry): Promise<Uint8Array | undefined> {
  if (entry.kind !== 'file') return undefined;
  return entry.content instanceof Uint8Array ? entry.content : await readFile(entry.content.copyOf);
}
