/** Whole clusters on a simulated wire: one owner for each address, through every kind of failure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { announcementFrames } from '../../src/core/l2/frames.ts';
import { at } from './frames.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

const ADDRESSES = Array.from({ length: 12 }, (_, at) => `192.0.2.${130 + at}`);
/** Starting, probing for strangers, telling each other. */
const SETTLED_MS = 2_000;

function started(names: readonly string[], addresses = ADDRESSES): SimulatedCluster {
  const cluster = new SimulatedCluster(names);
  cluster.plan(addresses);
  cluster.run(SETTLED_MS);
  return cluster;
}

function owners(cluster: SimulatedCluster, addresses = ADDRESSES): readonly string[] {
  return addresses.map((address) => {
    const answering = cluster.answering(address);
    assert.equal(answering.length, 1, `${address} is answered by [${answering}]`);
    return answering[0] ?? '';
  });
}

/** Runs until every address has exactly one owner that satisfies; says after how many ms. */
function untilOwned(cluster: SimulatedCluster, within: number, satisfies: (owner: string) => boolean): number {
  const start = cluster.now;
  const isDone = () =>
    ADDRESSES.every((address) => {
      const answering = cluster.answering(address);
      return answering.length === 1 && answering.every(satisfies);
    });
  while (!isDone()) {
    assert.ok(cluster.now - start < within, `not owned within ${within} ms`);
    cluster.run(5);
  }
  return cluster.now - start;
}

const SIZES: readonly (readonly string[])[] = [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e', 'f', 'g']];

for (const names of SIZES) {
  test(`${names.length} nodes that start together share the addresses, one owner each`, () => {
    const cluster = started(names);
    const shares = new Set(owners(cluster));
    assert.ok(shares.size >= Math.min(names.length, 3), `only ${[...shares]} announce`);
  });
}

for (const names of SIZES.slice(1)) {
  const rest = names.slice(1);

  test(`${names.length} nodes: one that dies is replaced within 400 ms, and nothing else moves`, () => {
    const cluster = started(names);
    const before = owners(cluster);
    cluster.kill('a');
    const took = untilOwned(cluster, 400, (owner) => owner !== 'a');
    assert.ok(took >= 200, 'not before its silence means something');
    owners(cluster).forEach((owner, at) => {
      if (before[at] !== 'a') assert.equal(owner, before[at]);
    });
    const report = cluster
      .node(
        rest.find((name) => cluster.node(name).reports.some((each) => 'cause' in each && each.cause === 'OwnerDied')) ??
          '',
      )
      .reports.find((each) => 'cause' in each && each.cause === 'OwnerDied');
    assert.ok(report?.kind === 'announcing' && report.from === 'a' && (report.silentMs ?? 0) >= 200);
  });

  test(`${names.length} nodes: one that comes back takes nothing back while the others can carry it`, () => {
    const cluster = started(names);
    cluster.kill('a');
    cluster.run(1_000);
    const before = owners(cluster);
    cluster.start('a');
    cluster.run(5_000);
    assert.deepEqual(owners(cluster), before);
  });

  test(`${names.length} nodes: a clean stop hands everything over without an instant of silence`, () => {
    const cluster = started(names);
    const node = cluster.node('a');
    const outputs = node.core.drain(cluster.now);
    cluster.inject('a', outputs);
    cluster.run(500, () => {
      for (const address of ADDRESSES) assert.ok(cluster.answering(address).length > 0, `${address} is silent`);
    });
    assert.ok(node.core.isDrained);
    cluster.inject('a', node.core.leave(cluster.now));
    cluster.kill('a');
    cluster.run(100);
    assert.ok(owners(cluster).every((owner) => owner !== 'a'));
    assert.ok(
      rest.every((name) => !cluster.node(name).verdicts.includes('a dead')),
      'it was not mistaken for dead',
    );
  });

  test(`${names.length} nodes: a process that stood still for a second answers nothing before it knows better`, () => {
    const cluster = started(names);
    cluster.stall('a', 1_000);
    cluster.run(600);
    const taken = owners(cluster);
    assert.ok(taken.every((owner) => owner !== 'a'));
    cluster.run(2_000, () => {
      for (const address of ADDRESSES)
        assert.equal(cluster.answering(address).length, 1, `${address} at ${cluster.now}`);
    });
    assert.deepEqual(owners(cluster), taken);
  });

  test(`${names.length} nodes: a stall shorter than that changes nothing`, () => {
    const cluster = started(names);
    const before = owners(cluster);
    for (let round = 0; round < 20; round++) {
      cluster.stall(names[round % names.length] ?? '', 120);
      cluster.run(200);
    }
    assert.deepEqual(owners(cluster), before);
    assert.ok(names.every((name) => cluster.node(name).verdicts.every((each) => !each.endsWith('dead'))));
  });

  test(`${names.length} nodes: a node without a cable announces nothing, and asks before it speaks again`, () => {
    const cluster = started(names);
    cluster.setLink('a', false);
    untilOwned(cluster, 400, (owner) => owner !== 'a');
    cluster.run(3_000);
    const before = owners(cluster);
    cluster.setLink('a', true);
    cluster.run(2_000, () => owners(cluster));
    assert.deepEqual(owners(cluster), before);
  });
}

test('a cordoned node hands over to the others, which answer before it stops', () => {
  const cluster = started(['a', 'b', 'c']);
  const mine = ADDRESSES.filter((address) => cluster.answering(address)[0] === 'a');
  assert.ok(mine.length > 0);
  const candidates = ['a', 'b', 'c'].map((node) => ({
    node,
    tier: node === 'a' ? (1 as const) : (0 as const),
    weight: 0,
    interfaces: [],
  }));
  cluster.plan(ADDRESSES, Object.fromEntries(ADDRESSES.map((each) => [each, { candidates }])));
  cluster.run(1_000, () => {
    for (const address of ADDRESSES) assert.ok(cluster.answering(address).length > 0, `${address} is silent`);
  });
  assert.ok(owners(cluster).every((owner) => owner !== 'a'));
});

for (const [name, segments] of [
  ['2:1', { a: 0, b: 0, c: 1 }],
  ['1:1:1', { a: 0, b: 1, c: 2 }],
] as const) {
  test(`a partition ${name} that heals ends with one owner for each address`, () => {
    const cluster = started(['a', 'b', 'c']);
    for (const [node, segment] of Object.entries(segments)) cluster.node(node).segment = segment;
    cluster.run(3_000);
    for (const node of cluster.nodes.values()) node.segment = 0;
    cluster.run(500);
    owners(cluster);
    cluster.run(10_000, () => owners(cluster));
  });
}

test('the first speaker up takes everything, and gives shares away once the others have been there for a while', () => {
  const cluster = new SimulatedCluster(['a', 'b', 'c']);
  cluster.kill('b');
  cluster.kill('c');
  cluster.plan(ADDRESSES);
  cluster.run(SETTLED_MS);
  assert.deepEqual([...new Set(owners(cluster))], ['a']);
  cluster.start('b');
  cluster.start('c');
  cluster.run(20_000, () => {
    for (const address of ADDRESSES) assert.ok(cluster.answering(address).length > 0, `${address} is silent`);
  });
  assert.equal(new Set(owners(cluster)).size, 3);
});

test('a speaker that dies and is back before anybody noticed goes on with what it had', () => {
  const cluster = started(['a', 'b', 'c']);
  const before = owners(cluster);
  cluster.kill('a');
  cluster.run(100);
  cluster.start('a');
  cluster.run(1_500);
  assert.deepEqual(owners(cluster), before);
  cluster.kill('a');
  untilOwned(cluster, 400, (owner) => owner !== 'a');
});

test('500 nodes: each sends a bounded number of heartbeats, and all know of a death within twice the detection time', () => {
  const names = Array.from({ length: 500 }, (_, at) => `node-${at}`);
  const cluster = new SimulatedCluster(names);
  cluster.run(1_500);
  cluster.sent.clear();
  cluster.run(1_000);
  const rates = names.map((name) => cluster.sent.get(name) ?? 0);
  assert.ok(Math.max(...rates) <= 120, `up to ${Math.max(...rates)} messages a second`);
  cluster.kill('node-7');
  cluster.run(500);
  const unaware = names.filter((name) => name !== 'node-7' && !cluster.node(name).verdicts.includes('node-7 dead'));
  assert.deepEqual(unaware, []);
});

type Blow = readonly ['kill' | 'start' | 'stall' | 'cut' | 'mend' | 'wait', number, number];

test('whatever happens, when it is over each address has exactly one owner', () => {
  const blow: fc.Arbitrary<Blow> = fc.tuple(
    fc.constantFrom('kill', 'start', 'stall', 'cut', 'mend', 'wait'),
    fc.nat({ max: 3 }),
    fc.integer({ min: 1, max: 1_500 }),
  );
  fc.assert(
    fc.property(fc.array(blow, { maxLength: 12 }), fc.nat({ max: 20 }), fc.nat(), (blows, loss, seed) => {
      const cluster = new SimulatedCluster(['a', 'b', 'c', 'd']);
      cluster.loss = loss / 100;
      cluster.random = dice(seed);
      cluster.plan(ADDRESSES);
      for (const each of blows) strike(cluster, each);
      cluster.loss = 0;
      for (const { name, isRunning } of cluster.nodes.values()) {
        if (!isRunning) cluster.start(name);
        else cluster.setLink(name, true);
      }
      cluster.run(20_000);
      owners(cluster);
    }),
    { numRuns: 15 },
  );
});

function strike(cluster: SimulatedCluster, [kind, which, ms]: Blow): void {
  const name = [...cluster.nodes.keys()][which] ?? 'a';
  const { isRunning } = cluster.node(name);
  if (kind === 'kill') cluster.kill(name);
  if (kind === 'start' && !isRunning) cluster.start(name);
  if (kind === 'stall' && isRunning) cluster.stall(name, ms);
  if (kind === 'cut' && isRunning) cluster.setLink(name, false);
  if (kind === 'mend' && isRunning) cluster.setLink(name, true);
  cluster.run(ms);
}

/** Numbers from 0 to 1 that a seed repeats: mulberry32. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('a speaker that others believe dead is no stranger when it speaks', () => {
  const cluster = started(['a', 'b']);
  const mine = ADDRESSES.find((address) => cluster.answering(address)[0] === 'a') ?? '';
  const { link } = cluster.node('a');
  cluster.kill('a');
  cluster.run(1_000);
  assert.deepEqual(cluster.answering(mine), ['b']);
  for (const frame of announcementFrames(at(mine), link.mac)) {
    cluster.inject('b', cluster.node('b').core.frame(2, frame, cluster.now));
  }
  assert.ok(!cluster.node('b').reports.some((each) => each.kind === 'conflict'));
});
