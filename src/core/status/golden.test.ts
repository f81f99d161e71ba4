/**
 * Every sentence that a user reads, one golden file a group, to be read as a
 * whole for its tone. BERTH_UPDATE_GOLDEN=1 writes them anew.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as samples from '../../../test/support/sentence-samples.ts';

const update = process.env.BERTH_UPDATE_GOLDEN === '1';

function golden(name: string, sections: readonly samples.Section[]): void {
  test(`${name} read as they were last approved`, () => {
    const text = sections.map(({ title, lines }) => [`## ${title}`, ...lines, ''].join('\n')).join('\n');
    const file = new URL(`./golden/${name}.txt`, import.meta.url);
    if (update) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });
}

describe('every sentence', () => {
  golden('refusals', samples.refusals());
  golden('admission-messages', samples.admissionMessages());
  golden('configuration-refusals', samples.configurationRefusals());
  golden('conditions', samples.conditions());
  golden('events', samples.events());
  golden('warnings', samples.warnings());
  golden('pool-conditions', samples.poolConditions());
  golden('explanations', samples.explanations());
  golden('announced', samples.announced());
});

describe('the house rules of a sentence', () => {
  const all = [...samples.refusals(), ...samples.warnings(), ...samples.announced()];
  for (const { title, lines } of all) {
    test(`${title}: one line, no full stop, nothing left unfilled`, () => {
      for (const line of lines) {
        assert.ok(!line.includes('\n'), line);
        assert.ok(!/\.$/.test(line), line);
        assert.ok(!/undefined|NaN|\[object|Infinity|""/.test(line), line);
      }
    });
  }
});
