import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { chapters } from './refusal-scenes.ts';
import { PAGE, type Played, playAll, refusalsPage } from './refusals.ts';

let played: readonly Played[];

/**
 * A message has the numbers of the moment, and a refusal that can't be
 * confirmed in time on a busy machine is a warning instead: a play that differs
 * from the page is told and played again. A real difference stays one.
 */
const plays = 3;

before(async () => {
  const page = readFileSync(PAGE, 'utf8');
  for (let play = 1; play <= plays; play++) {
    played = await playAll();
    const differing = played.filter(({ said }) => !page.includes(said));
    if (differing.length === 0) return;
    for (const { scene, said } of differing)
      console.error(`play ${play}: "${scene.title}" is not on the page:\n${said}`);
  }
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
