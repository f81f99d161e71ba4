/**
 * Started by without-types.ts: reads file names from standard input, one a line,
 * and writes a JSON object of name and JavaScript to standard output.
 *
 * A program of its own, since Node warns in each process that strips types that
 * this function of it is young; it is the very one by which Node runs our sources.
 */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { text } from 'node:stream/consumers';

const stripped: Record<string, string> = {};
for (const file of (await text(process.stdin)).split('\n')) {
  try {
    stripped[file] = stripTypeScriptTypes(readFileSync(file, 'utf8'), { mode: 'strip' });
  } catch (error) {
    throw new Error(`Cannot take the types out of "${file}"`, { cause: error });
  }
}
process.stdout.write(JSON.stringify(stripped));
