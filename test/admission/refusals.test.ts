import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { chapters } from './refusal-scenes.ts';
import { PAGE, type Played, playAll, refusalsPage } from './refusals.ts';

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

test('docs/refusals.md says what kubectl prints; `make generate` writes it anew', () => {
  assert.equal(readFileSync(PAGE, 'utf8'), refusalsPage(played));
});
