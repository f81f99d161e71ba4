import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { copiedFile } from './entry.ts';
import { buildLayer } from './layer.ts';

const folder = await mkdtemp(join(tmpdir(), 'berth-layer-'));
after(() => rm(folder, { recursive: true }));
const source = join(folder, 'source');
const content = { title: 'a test', entries: async () => [copiedFile('file', source)] };

test('the same content gives the same layer in another cache, and leaves no unfinished file', async () => {
  await writeFile(source, 'content');
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  const [first, second] = [await buildLayer(content, one), await buildLayer(content, other)];
  assert.deepEqual({ ...first, file: '' }, { ...second, file: '' });
  assert.deepEqual(
    (await readdir(one)).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('a changed file gives another layer, and the old content the old one again', async () => {
  const cache = join(folder, 'changes');
  await writeFile(source, 'content');
  const first = await buildLayer(content, cache);
  await writeFile(source, 'CONTENT');
  const changed = await buildLayer(content, cache);
  assert.notEqual(changed.diffId, first.diffId);
  await writeFile(source, 'content');
  assert.deepEqual(await buildLayer(content, cache), first);
});

test('what is decided by other files is made anew when one of them changes, and only then', async () => {
  const cache = join(folder, 'decided');
  const decider = join(folder, 'decider');
  await writeFile(decider, '1');
  let asked = 0;
  const decided = {
    title: 'decided',
    decidedBy: [decider],
    entries: async () => {
      asked++;
      return [copiedFile('file', source)];
    },
  };
  await buildLayer(decided, cache);
  await buildLayer(decided, cache);
  assert.equal(asked, 1);
  await writeFile(decider, '22');
  await buildLayer(decided, cache);
  assert.equal(asked, 2);
});

test('a layer that was removed from the cache is made again', async () => {
  const cache = join(folder, 'removed');
  const first = await buildLayer(content, cache);
  await unlink(first.file);
  assert.deepEqual(await buildLayer(content, cache), first);
});
