import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { copiedFile, type Entry, textFile } from '../entry.ts';
import { filesBelow } from './files-below.ts';

/** `berth` for `kubectl exec`: what bin/berth does in a checkout, without a shell. */
const COMMAND = "#!/usr/local/bin/node\nimport '/app/src/main.ts';\n";

/** Tests, and the texts that they compare with. */
const OF_TESTS = /\.test\.ts$|(?:^|\/)golden\//;

/** What changes with every edit: the program itself, without its tests. */
export async function sourceEntries(checkout: string): Promise<readonly Entry[]> {
  const sources = (await filesBelow(join(checkout, 'src'))).filter((file) => !OF_TESTS.test(file));
  const rest = ['package.json', 'LICENSE'].filter((file) => existsSync(join(checkout, file)));
  return [
    ...sources.map((file) => copiedFile(`app/src/${file}`, join(checkout, 'src', file))),
    textFile('usr/local/bin/berth', COMMAND, 0o755),
    ...rest.map((file) => copiedFile(`app/${file}`, join(checkout, file))),
  ];
}
