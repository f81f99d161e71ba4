/**
 * `make release`: node release/main.ts [--version 0.1.0] [--image berth.dev/berth] [--out dist/release]
 * SOURCE_DATE_EPOCH, in seconds, replaces the date of the commit.
 */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BERTH_IMAGE } from '../image/berth-image.ts';
import { unreleased } from '../image/build-info.ts';
import { platforms } from '../image/content/platform.ts';
import { layerLines } from '../image/layer-lines.ts';
import { commitOf } from './commit.ts';
import { writeRelease } from './release.ts';
import { parseSourceDate } from './source-date.ts';
import { parseVersion } from './version.ts';

const checkout = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    image: { type: 'string', default: BERTH_IMAGE },
    out: { type: 'string', default: join(checkout, 'dist/release') },
  },
});

try {
  const version = parseVersion(values.version || (await unreleased(checkout)).version);
  const { revision, created } = await commitOf(checkout);
  const epoch = process.env.SOURCE_DATE_EPOCH;
  const info = { version, revision, created: epoch ? parseSourceDate(epoch) : created };
  const { name, digest, images } = await writeRelease(values.out, { checkout, info, image: values.image, platforms });
  for (const { platform, layers } of images) console.error(`linux/${platform.oci}\n${layerLines(layers)}`);
  console.error(`release: ${name}@${digest}`);
  for (const file of (await readdir(values.out)).sort()) {
    console.log(`${String((await stat(join(values.out, file))).size).padStart(10)}  ${join(values.out, file)}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
