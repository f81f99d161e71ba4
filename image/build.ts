/**
 * `make image`: node image/build.ts [--name berth.dev/berth:dev] [--out dist/berth.oci.tar]
 * With `--root DIR` it writes the image's file system there instead (the Containerfile does that).
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { berthContent, buildBerthImage } from './berth-image.ts';
import { writeTree } from './tree.ts';

const checkout = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'berth.dev/berth:dev' },
    out: { type: 'string', default: resolve(checkout, 'dist/berth.oci.tar') },
    root: { type: 'string' },
  },
});

const started = performance.now();
try {
  if (values.root !== undefined) {
    const parts = await Promise.all((await berthContent(checkout)).map((part) => part.entries()));
    await writeTree(parts.flat(), values.root);
  } else {
    const { name, file, digest, layers } = await buildBerthImage(checkout, values.name, values.out);
    for (const { title, bytes, tarBytes } of layers)
      console.error(`  ${megabytes(bytes)} (${megabytes(tarBytes)} unpacked)  ${title}`);
    console.error(`image: ${name} ${digest.slice(0, 19)} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    console.log(file);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
}
