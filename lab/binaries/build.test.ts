import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { run } from '../machine/run.ts';
import { silent } from '../progress.ts';
import { build } from './build.ts';
import { findGo } from './go.ts';
import { folderName, type Recipe } from './recipe.ts';

let scratch: string;
const before = { PATH: process.env.PATH, BERTH_CACHE: process.env.BERTH_CACHE };
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'berth-build-'));
  process.env.BERTH_CACHE = join(scratch, 'cache');
});
afterEach(() => {
  process.env.PATH = before.PATH;
  if (before.BERTH_CACHE === undefined) delete process.env.BERTH_CACHE;
  else process.env.BERTH_CACHE = before.BERTH_CACHE;
  rmSync(scratch, { recursive: true });
});

function recipeWith(main: string): Recipe {
  const source = join(scratch, 'source');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'go.mod'), 'module example.test/tool\n\ngo 1.21\n');
  writeFileSync(join(source, 'main.go'), main);
  return {
    name: 'tool',
    version: 'v1',
    source,
    packages: ['.'],
    linkerFlags: '-s',
    programs: ['etcd', 'kubectl'],
    multiCall: 'tool',
    env: {},
  };
}

const working = 'package main\n\nimport "os"\n\nfunc main() { println(os.Args[0]) }\n';

test('two builds at once make one folder, whole, with every program in it', async () => {
  const recipe = recipeWith(working);
  const target = join(scratch, 'bin', folderName(recipe));
  await Promise.all([build(recipe, target, silent), build(recipe, target, silent)]);
  assert.deepEqual(readdirSync(target).sort(), ['etcd', 'kubectl', 'tool']);
  await run([join(target, 'kubectl')]);
  assert.deepEqual(readdirSync(join(target, '..')).sort(), [folderName(recipe), `${folderName(recipe)}.lock`]);
});

test("a build that fails is one sentence with the compiler's last words and the log, and leaves no folder", async () => {
  const recipe = recipeWith('package main\n\nfunc main() { undefinedHere() }\n');
  const target = join(scratch, 'bin', folderName(recipe));
  await assert.rejects(
    build(recipe, target, silent),
    /^LabProblem: Cannot build tool v1: .*undefined: undefinedHere; the whole log is .*tool-v1-.*\.log$/s,
  );
  assert.ok(!existsSync(target));
  const log = join(scratch, 'cache', 'log', `${folderName(recipe)}.log`);
  assert.match(readFileSync(log, 'utf8'), /undefinedHere/);
});

test('another source is another folder', () => {
  const one = folderName(recipeWith(working));
  assert.notEqual(one, folderName(recipeWith(`${working}// changed\n`)));
  assert.match(one, /^tool-v1-[0-9a-f]{12}$/);
});

test('a Go that is missing or too old is one sentence that says what to install', async () => {
  const folder = join(scratch, 'old');
  mkdirSync(folder);
  await assert.rejects(findGo('the tool', [folder]), /Cannot build the tool: Go is not installed; install Go 1\.26/);
  writeFileSync(join(folder, 'go'), '#!/bin/sh\necho go version go1.19.8 linux/amd64\n', { mode: 0o755 });
  await assert.rejects(findGo('the tool', [folder]), /is "go version go1\.19\.8 linux\/amd64"; install Go 1\.26/);
});
