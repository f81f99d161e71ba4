import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { copiedFile, type Entry } from '../entry.ts';
import { filesBelow } from './files-below.ts';

/** What changes with every edit: the program itself, without its tests. */
export async function sourceEntries(checkout: string): Promise<readonly Entry[]> {
  const sources = (await filesBelow(join(checkout, 'src'))).filter((file) => !file.endsWith('.test.ts'));
  const rest = ['package.json', 'LICENSE'].filter((file) => existsSync(join(checkout, file)));
  return [
    ...sources.map((file) => copiedFile(`app/src/${file}`, join(checkout, 'src', file))),
    ...rest.map((file) => copiedFile(`app/${file}`, join(checkout, file))),
  ];
}
