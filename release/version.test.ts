import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSourceDate } from './source-date.ts';
import { parseVersion } from './version.ts';

for (const version of ['0.1.0', '10.20.30', '1.2.3-rc.1']) {
  test(`${version} is a version`, () => assert.equal(parseVersion(version), version));
}
for (const [version, why] of [
  ['v1.2.3', 'it is the name of a tag in git'],
  ['1.2', 'it has two parts'],
  ['1.2.3+build', 'an image tag has no "+"'],
  ['1.2.3-', 'its pre-release is empty'],
  ['', 'it is empty'],
] as const) {
  test(`"${version}" is none: ${why}`, () => {
    assert.throws(() => parseVersion(version), /not a semantic version; write it as 1\.2\.3/);
  });
}

test('a source date is in seconds, and nothing else', () => {
  assert.equal(parseSourceDate('1767323045').toISOString(), '2026-01-02T03:04:05.000Z');
  for (const text of ['yesterday', '1.5', '-1']) assert.throws(() => parseSourceDate(text), /SOURCE_DATE_EPOCH/);
});
