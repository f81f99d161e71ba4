import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectErrors, objectWith, readSound } from '../../../test/support/config-rows.ts';
import { readBfdProfile } from './bfd-profile.ts';

test('an empty profile leaves every timer to the engine', () => {
  const { name, generation, echoMode, passiveMode, ...timers } = readSound(readBfdProfile, objectWith({}));
  assert.deepEqual([name, generation, echoMode, passiveMode], ['subject', 3, false, false]);
  assert.ok(Object.values(timers).every((timer) => timer === undefined));
});

test('a whole profile is read', () => {
  const profile = readSound(
    readBfdProfile,
    objectWith({
      receiveInterval: 10,
      transmitInterval: 60000,
      detectMultiplier: 2,
      echoInterval: 50,
      echoMode: true,
      passiveMode: true,
      minimumTtl: 254,
    }),
  );
  assert.equal(profile.receiveIntervalMs, 10);
  assert.equal(profile.transmitIntervalMs, 60000);
  assert.equal(profile.detectMultiplier, 2);
  assert.equal(profile.echoIntervalMs, 50);
  assert.equal(profile.echoMode, true);
  assert.equal(profile.passiveMode, true);
  assert.equal(profile.minimumTtl, 254);
});

test('timers out of bounds are refused', async (t) => {
  const bounds: readonly [field: string, least: number, most: number][] = [
    ['receiveInterval', 10, 60000],
    ['transmitInterval', 10, 60000],
    ['echoInterval', 10, 60000],
    ['detectMultiplier', 2, 255],
    ['minimumTtl', 1, 254],
  ];
  for (const [field, least, most] of bounds) {
    await expectErrors(t, readBfdProfile, {}, [
      [`${field} too low`, { [field]: least - 1 }, `spec.${field}`, new RegExp(`from ${least} to ${most}`)],
      [`${field} too high`, { [field]: most + 1 }, `spec.${field}`, new RegExp(`from ${least} to ${most}`)],
      [`${field} in quotes`, { [field]: `${least}` }, `spec.${field}`, /whole number/],
      [`${field} as a fraction`, { [field]: least + 0.5 }, `spec.${field}`, /whole number/],
      [`${field} as a duration`, { [field]: '300ms' }, `spec.${field}`, /whole number/],
    ]);
  }
  await expectErrors(t, readBfdProfile, {}, [
    ['echoMode in words', { echoMode: 'on' }, 'spec.echoMode', /must be true or false/],
    ['passiveMode as a number', { passiveMode: 1 }, 'spec.passiveMode', /must be true or false/],
  ]);
});
