/**
 * `make image`: node image/build.ts [--name berth.dev/berth:dev] [--out dist/berth.oci.tar]
 * With `--root DIR` it writes the image's file system there instead (the Containerfile does that).
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BERTH_IMAGE, buildBerthImage, unpackBerth } from './berth-image.ts';
import { layerLines } from './layer-lines.ts';

const checkout = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    name: { type: 'string', default: `${BERTH_IMAGE}:dev` },
    out: { type: 'string', default: resolve(checkout, 'dist/berth.oci.tar') },
    root: { type: 'string' },
  },
});

const started = performance.now();
try {
  if (values.root !== undefined) {
    await unpackBerth(checkout, values.root);
  } else {
    const { name, file, digest, images } = await buildBerthImage(checkout, values.name, values.out);
    for (const { layers } of images) console.error(layerLines(layers));
    console.error(`image: ${name} ${digest.slice(0, 19)} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    console.log(file);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
