import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DigestMeter, hexOf } from '../image/digest.ts';

/** Writes SHA256SUMS over every file of a folder, in the form that `sha256sum --check` reads. */
export async function writeChecksums(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const meter = new DigestMeter();
    await pipeline(createReadStream(join(folder, name)), meter.resume());
    lines.push(`${hexOf(meter.result().digest)}  ${name}\n`);
  }
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
}
