import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Address } from '../net/address.ts';
import type { Candidate } from './candidate.ts';
import { elect } from './election.ts';

const ADDRESS: Address = { family: 'IPv4', value: 0xc000020an };

function node(name: string, tier: Candidate['tier'] = 0, weight = 0): Candidate {
  return { node: name, tier, weight, interfaces: [] };
}

interface Row {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly present?: string;
  readonly elected: string | undefined;
}

const ROWS: readonly Row[] = [
  { name: 'nobody is elected where nobody may', candidates: [], elected: undefined },
  { name: 'the only candidate is elected', candidates: [node('a')], elected: 'a' },
  { name: 'a cordoned node yields to one that is not', candidates: [node('a', 1), node('b')], elected: 'b' },
  { name: 'a cordoned node serves where there is no other', candidates: [node('a', 1)], elected: 'a' },
  { name: 'a cordoned node goes before one that is not ready', candidates: [node('a', 2), node('b', 1)], elected: 'b' },
  { name: 'the higher weight wins', candidates: [node('a', 0, 10), node('b', 0, 20)], elected: 'b' },
  { name: 'the tier counts before the weight', candidates: [node('a', 1, 100), node('b')], elected: 'b' },
  { name: 'the present owner keeps it among equals', candidates: [node('a'), node('b')], present: 'b', elected: 'b' },
  {
    name: 'the present owner keeps it among equals, the other way round',
    candidates: [node('a'), node('b')],
    present: 'a',
    elected: 'a',
  },
  {
    name: 'a preferred node takes it from the present owner',
    candidates: [node('a'), node('b', 0, 5)],
    present: 'a',
    elected: 'b',
  },
  { name: 'a cordoned owner hands it over', candidates: [node('a', 1), node('b')], present: 'a', elected: 'b' },
  { name: 'an owner that is no candidate any more loses it', candidates: [node('b')], present: 'a', elected: 'b' },
];

for (const row of ROWS) {
  test(`election: ${row.name}`, () => {
    const election = { address: ADDRESS, candidates: row.candidates, present: row.present };
    assert.equal(elect(election)?.node, row.elected);
    assert.equal(elect({ ...election, candidates: [...row.candidates].reverse() })?.node, row.elected);
  });
}

const candidates = fc.uniqueArray(
  fc.record(
    {
      node: fc.stringMatching(/^[a-z]{1,5}$/),
      tier: fc.constantFrom(0, 1, 2),
      weight: fc.nat({ max: 3 }),
      interfaces: fc.constant([]),
    },
    { noNullPrototype: true },
  ),
  { selector: (each) => each.node, minLength: 1, maxLength: 8 },
);
const value = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });

test('election: the order in which a node learned of the others makes no difference', () => {
  fc.assert(
    fc.property(candidates, value, fc.nat(), (list, number, turn) => {
      const address: Address = { family: 'IPv4', value: number };
      const turned = [...list.slice(turn % list.length), ...list.slice(0, turn % list.length)];
      assert.equal(elect({ address, candidates: list })?.node, elect({ address, candidates: turned })?.node);
    }),
  );
});

test('election: whoever is elected stays elected as present owner', () => {
  fc.assert(
    fc.property(candidates, value, (list, number) => {
      const address: Address = { family: 'IPv4', value: number };
      const first = elect({ address, candidates: list })?.node;
      assert.equal(elect({ address, candidates: list, present: first })?.node, first);
    }),
  );
});
