/**
 * Holds the rule of the house against planted offences: `src/core` is pure and
 * dependencies point inward. The rule itself is in biome.json.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

interface Row {
  readonly name: string;
  readonly path: string;
  readonly source: string;
  /** Part of the diagnostic; undefined: the source is allowed. */
  readonly says: string | undefined;
}

const core = 'src/core/net/planted.ts';
const rows: readonly Row[] = [
  { name: 'a file', path: core, source: "export { readFileSync } from 'node:fs';", says: 'imports only itself' },
  {
    name: 'a socket',
    path: core,
    source: "import net from 'node:net';\nexport const a = net;",
    says: 'imports only itself',
  },
  {
    name: 'a socket, later',
    path: core,
    source: "export const a = () => import('node:net');",
    says: 'imports only itself',
  },
  { name: 'a fetch', path: core, source: "export const a = () => fetch('x');", says: 'opens no socket' },
  { name: 'the clock', path: core, source: 'export const a = Date.now();', says: 'reads no clock' },
  { name: 'a new date', path: core, source: 'export const a = new Date();', says: 'reads no clock' },
  { name: 'a monotonic clock', path: core, source: 'export const a = performance.now();', says: 'reads no clock' },
  { name: 'a timer', path: core, source: 'export const a = () => setTimeout(() => 1, 1);', says: 'no timers' },
  { name: 'randomness', path: core, source: 'export const a = Math.random();', says: 'draws no randomness' },
  {
    name: 'randomness by alias',
    path: core,
    source: 'const m = Math.random;\nexport const a = m();',
    says: 'draws no randomness',
  },
  { name: 'a random id', path: core, source: 'export const a = crypto.randomUUID();', says: 'draws no randomness' },
  { name: 'the environment', path: core, source: 'export const a = process.env;', says: 'reads no environment' },
  { name: 'a way round', path: core, source: 'export const a = globalThis;', says: 'reaches nothing outside' },
  { name: 'a log', path: core, source: "console.log('x');\nexport {};", says: 'writes no log' },
  {
    name: 'a log library',
    path: core,
    source: "import pino from 'pino';\nexport const a = pino;",
    says: 'imports only itself',
  },
  { name: 'a Node buffer', path: core, source: 'export const a = Buffer.alloc(1);', says: 'Uint8Array' },
  { name: 'a shell', path: core, source: "export { a } from '../../kube/client.ts';", says: 'nothing of the shells' },
  {
    name: 'one role by another',
    path: 'src/webhook/planted.ts',
    source: "export { a } from '../reconciler/queue.ts';",
    says: 'roles never import each other',
  },
  {
    name: 'a role by the door to the apiserver',
    path: 'src/kube/planted.ts',
    source: "export { a } from '../webhook/app.ts';",
    says: 'dependencies point inward',
  },
  {
    name: 'itself and a library let in by name',
    path: core,
    source: "import BTree from 'sorted-btree';\nimport { a } from '../result.ts';\nexport const b = [BTree, a];",
    says: undefined,
  },
  {
    name: 'tests, which may read files',
    path: 'src/core/net/planted.test.ts',
    source: "export { readFileSync } from 'node:fs';",
    says: undefined,
  },
];

/** Each row's file, named so that no two rows share one. */
const files = rows.map((row, index) => row.path.replace('planted', `planted-${index}`));
/** What the linter says of each file, in one run over all of them. */
const said = new Map<string, string>();

let directory = '';
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-purity-'));
  for (const file of ['biome.json', 'scripts/lint/no-randomness-in-core.grit'])
    cpSync(join(project, file), join(directory, file));
  rows.forEach((row, index) => {
    const file = join(directory, files[index]!);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${row.source}\n`);
  });
  const { stdout, stderr } = spawnSync(
    join(project, 'node_modules/.bin/biome'),
    ['lint', '--vcs-enabled=false', '--colors=off', '--max-diagnostics=none', 'src'],
    { cwd: directory, encoding: 'utf8' },
  );
  // Each diagnostic starts with `path:line:column` at the left margin.
  for (const part of `${stdout}${stderr}`.split(/^(?=src\/)/m)) {
    const path = /^(src\/[^:]+):/.exec(part)?.[1];
    if (path) said.set(path, `${said.get(path) ?? ''}${part}`);
  }
  assert.ok(said.size > 0, `the linter found nothing at all: ${stdout}${stderr}`);
});
after(() => rmSync(directory, { recursive: true, force: true }));

rows.forEach((row, index) => {
  test(`${row.says ? 'refused' : 'allowed'} in ${row.path}: ${row.name}`, () => {
    const found = said.get(files[index]!) ?? '';
    if (row.says === undefined) assert.equal(found, '');
    else assert.ok(found.includes(row.says), `expected "${row.says}" in:\n${found}`);
  });
});
