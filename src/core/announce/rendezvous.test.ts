import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Address } from '../net/address.ts';
import type { Candidate } from './candidate.ts';
import { elect } from './election.ts';

/** Random seeds everywhere else; here one fixed one, since the bound is one of chance. */
const SEED = 20260101;

function candidate(node: string): Candidate {
  return { node, tier: 0, weight: 0, interfaces: [] };
}

function addresses(first: bigint, count: number): readonly Address[] {
  return Array.from({ length: count }, (_, at) => ({ family: 'IPv4', value: first + BigInt(at) }));
}

const nodeNames = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/), { minLength: 2, maxLength: 12 });
const block = fc.bigInt({ min: 0x0a000000n, max: 0x0affff00n }).map((first) => addresses(first, 100));

function owners(nodes: readonly string[], pool: readonly Address[]): readonly string[] {
  const candidates = nodes.map(candidate);
  return pool.map((address) => elect({ address, candidates })?.node ?? '');
}

test('1,000 addresses on 10 nodes: the standard deviation of shares is within 10 % of a share', () => {
  const clusters = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,9}-[0-9]{1,3}$/), { minLength: 10, maxLength: 10 });
  const first = fc.bigInt({ min: 0x0a000000n, max: 0x0afff000n });
  const deviations: number[] = [];
  fc.assert(
    fc.property(clusters, first, (nodes, start) => {
      const chosen = owners(nodes, addresses(start, 1000));
      const shares = nodes.map((node) => chosen.filter((each) => each === node).length);
      deviations.push(Math.sqrt(shares.reduce((sum, share) => sum + (share - 100) ** 2, 0) / 10));
    }),
    { seed: SEED, numRuns: 60 },
  );
  const mean = deviations.reduce((sum, each) => sum + each, 0) / deviations.length;
  assert.ok(mean < 8, `mean deviation ${mean}`);
  assert.ok(deviations.filter((each) => each > 10).length <= 2, `deviations ${deviations}`);
});

test('16 neighbouring addresses on two nodes are shared 8 to 8, give or take 4', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 28n - 1n }), (high) => {
      const chosen = owners(['a', 'b'], addresses(high << 4n, 16));
      const share = chosen.filter((each) => each === 'a').length;
      assert.ok(share >= 4 && share <= 12, `share ${share}`);
    }),
    { seed: SEED },
  );
});

test('a node that goes moves its own addresses only', () => {
  fc.assert(
    fc.property(nodeNames, block, (nodes, pool) => {
      const gone = nodes[0] ?? '';
      const before = owners(nodes, pool);
      const after = owners(nodes.slice(1), pool);
      before.forEach((owner, at) => {
        if (owner !== gone) assert.equal(after[at], owner);
      });
    }),
  );
});

test('a node that comes takes its own share only', () => {
  fc.assert(
    fc.property(nodeNames, block, (nodes, pool) => {
      const come = nodes[0] ?? '';
      const before = owners(nodes.slice(1), pool);
      const after = owners(nodes, pool);
      after.forEach((owner, at) => {
        if (owner !== come) assert.equal(owner, before[at]);
      });
    }),
  );
});

test('IPv4 and IPv6 addresses of the same number are hashed apart', () => {
  const nodes = Array.from({ length: 10 }, (_, at) => candidate(`n${at}`));
  const differ = addresses(0x0a000000n, 64).filter(
    (address) =>
      elect({ address, candidates: nodes })?.node !==
      elect({ address: { family: 'IPv6', value: address.value }, candidates: nodes })?.node,
  );
  assert.ok(differ.length > 32);
});
