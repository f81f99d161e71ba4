import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { chapters } from './refusal-scenes.ts';
import { PAGE, type Played, playAll, refusalsPage, sceneSection } from './refusals.ts';

let played: readonly Played[];

before(async () => {
  played = await playAll();
});

for (const scene of chapters.flatMap(({ scenes }) => scenes)) {
  test(`${scene.title}: ${scene.outcome}`, () => {
    const found = played.find((one) => one.scene === scene);
    assert.ok(found);
    if (scene.outcome === 'refused') {
      assert.notEqual(found.code, 0, found.said);
      assert.match(found.said, /\(Forbidden\)|is forbidden/);
      assert.match(found.said, /; \w/, 'a remedy is named');
    } else {
      assert.equal(found.code, 0, found.said);
      assert.match(found.said, /^Warning: /m);
    }
  });
}

const page = readFileSync(PAGE, 'utf8');

// Scene by scene first: where one differs, the page as a whole tells too much to see which.
for (const scene of chapters.flatMap(({ scenes }) => scenes)) {
  test(`docs/refusals.md shows what kubectl prints: ${scene.title}`, () => {
    const said = played.find((one) => one.scene === scene)?.said ?? '';
    const { title } = scene;
    const start = page.indexOf(`### ${title}\n`);
    const end = page.indexOf('\n#', start + 1);
    assert.equal(sceneSection(scene, said), page.slice(start, end === -1 ? undefined : end).trimEnd());
  });
}

test('docs/refusals.md is whole; `make generate` writes it anew', () => {
  assert.ok(page === refusalsPage(played), 'a scene, a chapter or the head of the page is missing or out of place');
});
