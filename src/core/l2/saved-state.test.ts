import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PlannedAddress } from '../announce/plan.ts';
import type { Address } from '../net/address.ts';
import { parseSavedState, renderSavedState, type SavedState } from './saved-state.ts';

const address: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): Address => ({ family: 'IPv4', value })),
  fc.bigInt({ min: 2n ** 64n, max: 2n ** 128n - 1n }).map((value): Address => ({ family: 'IPv6', value })),
);
const plain = { noNullPrototype: true };
const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,9}$/);
const candidate = fc.record(
  {
    node: name,
    tier: fc.constantFrom(0, 1, 2),
    weight: fc.nat({ max: 100 }),
    interfaces: fc.array(name, { maxLength: 2 }),
  },
  plain,
);
const planned: fc.Arbitrary<PlannedAddress> = fc.record(
  {
    address,
    services: fc.array(name, { maxLength: 2 }),
    pool: name,
    onConflict: fc.constantFrom('Defend', 'Yield', 'Move'),
    candidates: fc.array(candidate, { maxLength: 3 }),
    standings: fc.constant(new Map()),
  },
  plain,
);
const failover = fc.record(
  {
    at: fc.nat(),
    from: name,
    to: name,
    cause: fc.constantFrom('OwnerDied', 'Moved'),
    detectedAfterMs: fc.nat(),
    restoredAfterMs: fc.nat(),
    count: fc.nat(),
    addresses: fc.array(name),
  },
  plain,
);
const state: fc.Arbitrary<SavedState> = fc.record(
  {
    plan: fc.array(planned, { maxLength: 8 }).map((all) => new Map(all.map((each) => [keyOf(each), each]))),
    members: fc.array(fc.record({ node: name, address }, plain), { maxLength: 4 }),
    keys: fc.array(fc.uint8Array({ minLength: 16, maxLength: 32 }), { maxLength: 2 }),
    failovers: fc.array(failover as fc.Arbitrary<SavedState['failovers'][number]>, { maxLength: 3 }),
  },
  plain,
);

function keyOf(each: PlannedAddress): string {
  const { plan } = unwrap(parseSavedState('n', renderSavedState('n', { ...EMPTY, plan: new Map([['', each]]) })));
  return [...plan.keys()][0] ?? '';
}

function unwrap(result: ReturnType<typeof parseSavedState>): SavedState {
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

const EMPTY: SavedState = { plan: new Map(), members: [], keys: [], failovers: [] };

test('what was written is read back the same', () => {
  fc.assert(
    fc.property(state, (given) => {
      assert.deepEqual(unwrap(parseSavedState('node-1', renderSavedState('node-1', given))), given);
    }),
    { numRuns: 200 },
  );
});

test('a file that is cut off, changed or not ours at all gives a reason, and the reason quotes no key', () => {
  fc.assert(
    fc.property(state, fc.nat(), fc.string({ maxLength: 3 }), (given, at, inserted) => {
      const text = renderSavedState('node-1', given);
      const place = at % text.length;
      const damaged = [text.slice(0, place), text.slice(0, place) + inserted + text.slice(place + 1), inserted];
      for (const each of damaged) {
        const read = parseSavedState('node-1', each);
        if (!read.ok) assert.match(read.error, /^(it|parts) [a-z A-Z0-9:]+$/);
      }
    }),
    { numRuns: 200 },
  );
});

for (const [title, text, reason] of [
  ['an empty file', '', 'it is no JSON: cut off or damaged'],
  ['a list', '[]', 'it was not written by a speaker'],
  ['another program’s file', '{"version":1}', 'it was not written by a speaker'],
  ['another node’s file', renderSavedState('node-2', EMPTY), 'it was written on another node'],
  [
    'a later format',
    renderSavedState('node-1', EMPTY).replace('"version":1', '"version":2'),
    'it has another format than version 1',
  ],
  ['no keys', renderSavedState('node-1', EMPTY).replace('"keys"', '"kees"'), 'parts of it are missing or damaged'],
] as const) {
  test(`${title} is refused by its reason`, () => {
    assert.deepEqual(parseSavedState('node-1', text), { ok: false, error: reason });
  });
}
