import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withoutTypes } from './without-types.ts';

const folder = await mkdtemp(join(tmpdir(), 'berth-types-'));
after(() => rm(folder, { recursive: true }));

async function javascriptOf(typescript: string): Promise<string> {
  const file = join(folder, 'source.ts');
  await writeFile(file, typescript);
  return (await withoutTypes([file]))[0]!;
}

for (const { what, typescript, javascript } of [
  {
    what: 'an import names the JavaScript beside it, and one of types is gone',
    typescript: "import { a, type B } from './a.ts';\nimport type { C } from '../c.ts';\n",
    javascript: /^import \{ a, +\} from '\.\/a\.js';\n\s*$/,
  },
  { what: 'an export from', typescript: "export { a } from './a.ts';", javascript: /from '\.\/a\.js';/ },
  {
    what: 'an import over several lines',
    typescript: "import {\n  a,\n} from './a.ts';",
    javascript: /\n\} from '\.\/a\.js';/,
  },
  { what: 'an import when asked for', typescript: "await import('./a.ts');", javascript: /import\('\.\/a\.js'\)/ },
  {
    what: 'the address of a worker',
    typescript: "new URL('./worker.ts', import.meta.url);",
    javascript: /new URL\('\.\/worker\.js', import\.meta\.url\)/,
  },
  { what: 'another text stays', typescript: "const a = './a.ts';", javascript: /^const a = '\.\/a\.ts';$/ },
  { what: 'a package stays', typescript: "import { a } from 'some.ts';\na();", javascript: /from 'some\.ts'/ },
  { what: 'positions stay', typescript: 'const a: number = 1;', javascript: /^const a {9}= 1;$/ },
]) {
  test(what, async () => {
    assert.match(await javascriptOf(typescript), javascript);
  });
}

test('what Node would not run is refused with the name of the file', async () => {
  await assert.rejects(javascriptOf('enum A { B }'), /Cannot take the types out of ".*source\.ts"/);
});
