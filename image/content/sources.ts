import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copiedFile, type Entry, textFile } from '../entry.ts';
import { filesBelow } from './files-below.ts';
import { withoutTypes } from './without-types.ts';

/** Tests, what helps them, and the texts that they compare with. */
const OF_TESTS = /\.test\.ts$|(?:^|\/)(?:golden|testing)\//;

/** `berth` for `kubectl exec`: what bin/berth does in a checkout, without a shell. */
const COMMAND = "#!/usr/local/bin/node\nimport '/app/src/main.js';\n";

/** What changes with every edit: the program itself as JavaScript, without its tests. */
export async function sourceEntries(checkout: string): Promise<readonly Entry[]> {
  const [typescript, rest] = await sourceFiles(checkout);
  const javascript = await withoutTypes(typescript.map((file) => join(checkout, file)));
  return [
    ...typescript.map((file, index) => textFile(`app/${file.replace(/\.ts$/, '.js')}`, javascript[index]!)),
    ...rest.map((file) => copiedFile(`app/${file}`, join(checkout, file))),
    textFile('usr/local/bin/berth', COMMAND, 0o755),
  ];
}

/** The files that decide those entries, the builder's own among them. */
export async function sourcesDecidedBy(checkout: string): Promise<readonly string[]> {
  const builder = (await readdir(import.meta.dirname)).map((name) => join(import.meta.dirname, name));
  const files = (await sourceFiles(checkout)).flat().map((file) => join(checkout, file));
  return [process.execPath, ...builder, ...files];
}

/** TypeScript first, everything else second; paths below the checkout. */
async function sourceFiles(checkout: string): Promise<readonly [readonly string[], readonly string[]]> {
  const files = (await filesBelow(join(checkout, 'src'))).filter((file) => !OF_TESTS.test(file)).sort();
  const sources = files.map((file) => `src/${file}`);
  return [sources.filter((file) => file.endsWith('.ts')), sources.filter((file) => !file.endsWith('.ts'))];
}
