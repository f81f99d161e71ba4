import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, claim, configuration, pool, port, range, reservation } from '../../../test/support/ledger.ts';
import type { Pool, Reservation } from '../config/configuration.ts';
import { type Family, formatAddress } from '../net/address.ts';
import { formatRange } from '../net/range.ts';
import { Ledger, type Want } from './ledger.ts';

const nobodyShares = (): boolean => false;
const everybodyShares = (): boolean => true;

function ledgerOf(pools: readonly Pool[], reservations: readonly Reservation[] = []): Ledger {
  const ledger = new Ledger();
  ledger.configure(configuration(pools, reservations), 0);
  return ledger;
}

function nextOf(
  ledger: Ledger,
  from: Pool,
  key: string,
  more: Partial<Want> & { family?: Family } = {},
): string | undefined {
  const [namespace = '', name = ''] = key.split('/');
  const { family = 'IPv4', ...want } = more;
  const found = ledger.next(from, family, { namespace, name, strategy: 'Lowest', now: 0, ...want });
  return found && formatAddress(found);
}

test('the lowest free address is next, and one that is released is free again', () => {
  const edge = pool('edge', ['10.0.0.0/30', '10.0.1.0/31']);
  const ledger = ledgerOf([edge]);
  const given: (string | undefined)[] = [];
  for (let index = 0; index < 7; index++) {
    const next = nextOf(ledger, edge, `a/s${index}`);
    given.push(next);
    if (next !== undefined) ledger.claim(claim(`a/s${index}`, [next]));
  }
  assert.deepEqual(given, ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.1.0', '10.0.1.1', undefined]);
  assert.equal(ledger.release('a/s2')?.key, 'a/s2');
  assert.equal(nextOf(ledger, edge, 'a/new'), '10.0.0.2');
  assert.equal(ledger.release('a/s2'), undefined);
});

test('asking changes nothing', () => {
  const edge = pool('edge', ['10.0.0.0/30']);
  const ledger = ledgerOf([edge]);
  assert.equal(nextOf(ledger, edge, 'a/web'), nextOf(ledger, edge, 'a/web'));
  assert.equal(ledger.counts('edge').IPv4.available, 4n);
});

test('addresses that end in .0 and .255 are skipped where the pool says so, yet can be asked for', () => {
  const edge = pool('edge', ['10.0.0.254-10.0.1.1', '10.0.2.255/32'], { avoidBuggyIPs: true });
  const ledger = ledgerOf([edge]);
  const none = { reserved: 0n, held: 0n };
  assert.deepEqual(ledger.counts('edge').IPv4, { total: 5n, assigned: 0n, avoided: 3n, available: 2n, ...none });
  assert.equal(nextOf(ledger, edge, 'a/1'), '10.0.0.254');
  ledger.claim(claim('a/1', ['10.0.0.254']));
  assert.equal(nextOf(ledger, edge, 'a/2'), '10.0.1.1');
  ledger.claim(claim('a/2', ['10.0.1.1']));
  assert.equal(nextOf(ledger, edge, 'a/3'), undefined);
  assert.equal(ledger.obstacle(claim('a/3', []), address('10.0.1.0'), nobodyShares, 0), undefined);
  ledger.claim(claim('a/3', ['10.0.1.0']));
  assert.deepEqual(ledger.counts('edge').IPv4, { total: 5n, assigned: 3n, avoided: 2n, available: 0n, ...none });
});

test('a pool of only skipped addresses gives none, by any strategy', () => {
  const edge = pool('edge', ['10.0.0.255-10.0.1.0'], { avoidBuggyIPs: true });
  const ledger = ledgerOf([edge]);
  assert.equal(nextOf(ledger, edge, 'a/web'), undefined);
  assert.equal(nextOf(ledger, edge, 'a/web', { strategy: 'Stable' }), undefined);
  assert.equal(ledger.firstChoice(edge, 'IPv4', 'a', 'web'), undefined);
});

test('Stable gives its first choice, then the next free one, going round', () => {
  const edge = pool('edge', ['10.0.0.0/31', '10.0.9.0/31']);
  const ledger = ledgerOf([edge]);
  const order = ['10.0.0.0', '10.0.0.1', '10.0.9.0', '10.0.9.1'];
  const chosen = ledger.firstChoice(edge, 'IPv4', 'a', 'web');
  assert.ok(chosen);
  const start = order.indexOf(formatAddress(chosen));
  for (let step = 0; step < order.length; step++) {
    const next = nextOf(ledger, edge, 'a/web', { strategy: 'Stable' });
    assert.equal(next, order[(start + step) % order.length]);
    ledger.claim(claim(`b/${step}`, [next ?? '']));
  }
  assert.equal(nextOf(ledger, edge, 'a/web', { strategy: 'Stable' }), undefined);
});

test('an IPv6 pool that no list could hold is counted and given exactly', () => {
  const edge = pool('edge', ['2001:db8::/48']);
  const ledger = ledgerOf([edge]);
  assert.equal(nextOf(ledger, edge, 'a/web', { family: 'IPv6' }), '2001:db8::');
  ledger.claim(claim('a/web', ['2001:db8::']));
  assert.equal(nextOf(ledger, edge, 'a/api', { family: 'IPv6' }), '2001:db8::1');
  assert.equal(ledger.counts('edge').IPv6.available, (1n << 80n) - 1n);
  assert.equal(ledger.counts('edge').IPv4.total, 0n);
  assert.equal(nextOf(ledger, edge, 'a/web'), undefined);
});

test('what is kept for somebody goes to nobody else, and to them first', () => {
  const edge = pool('edge', ['10.0.0.0/29']);
  const ledger = ledgerOf(
    [edge],
    [reservation('a', 'team-a', ['10.0.0.0/31']), reservation('web', 'team-b/web', ['10.0.0.5/32'])],
  );
  assert.equal(nextOf(ledger, edge, 'team-c/x'), '10.0.0.2');
  assert.equal(nextOf(ledger, edge, 'team-a/x'), '10.0.0.0');
  assert.equal(nextOf(ledger, edge, 'team-b/web'), '10.0.0.5');
  assert.equal(nextOf(ledger, edge, 'team-b/api'), '10.0.0.2');
  const [kept, none] = [
    ledger.reservedFor('team-b', 'web', edge, 'IPv4', 0),
    ledger.reservedFor('team-b', 'api', edge, 'IPv4', 0),
  ];
  assert.equal(kept && formatAddress(kept), '10.0.0.5');
  assert.equal(none, undefined);
  const { reserved, held, available } = ledger.counts('edge').IPv4;
  assert.deepEqual([reserved, held, available], [3n, 0n, 5n]);
  ledger.claim(claim('team-b/web', ['10.0.0.5']));
  assert.equal(nextOf(ledger, edge, 'team-b/web'), '10.0.0.2', 'what is kept for it is used up');
  assert.equal(ledger.counts('edge').IPv4.reserved, 2n);
});

test('the pools that keep something for a Service are found by name', () => {
  const pools = [pool('zeta', ['10.0.0.0/29']), pool('alpha', ['10.0.1.0/29']), pool('other', ['10.0.2.0/29'])];
  const ledger = ledgerOf(pools, [
    reservation('all', 'team-a', ['10.0.0.6-10.0.1.1']),
    reservation('web', 'team-a/web', ['10.0.2.0/32']),
  ]);
  const found = (name: string) => ledger.poolsReservedFor('team-a', name, 0).map((one) => one.name);
  assert.deepEqual(found('api'), ['alpha', 'zeta']);
  assert.deepEqual(found('web'), ['alpha', 'other', 'zeta']);
  ledger.claim(claim('team-a/web', ['10.0.2.0']));
  assert.deepEqual(found('web'), ['alpha', 'zeta']);
});

test('a hold-down keeps a released address for its Service until its end', () => {
  const edge = pool('edge', ['10.0.0.0/31']);
  const ledger = ledgerOf([edge]);
  ledger.claim(claim('a/web', ['10.0.0.0']));
  ledger.hold(reservation('web', 'a/web', ['10.0.0.0/32'], 1000), 0);
  assert.equal(ledger.counts('edge').IPv4.held, 0n, 'an address in use is assigned, not held');
  ledger.release('a/web');
  assert.equal(ledger.counts('edge').IPv4.held, 1n);
  assert.equal(nextOf(ledger, edge, 'a/api', { now: 999 }), '10.0.0.1');
  assert.equal(nextOf(ledger, edge, 'a/web', { now: 999 }), '10.0.0.0');
  assert.equal(ledger.nextExpiry(), 1000);
  assert.equal(nextOf(ledger, edge, 'a/api', { now: 1000 }), '10.0.0.0');
  assert.equal(nextOf(ledger, edge, 'a/api', { now: 999 }), '10.0.0.0', 'what is over stays over');
  assert.equal(ledger.counts('edge').IPv4.held, 0n);
});

test('counts are as of the time asked for', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/31'])]);
  ledger.hold(reservation('web', 'a/web', ['10.0.0.0/32'], 1000), 0);
  assert.equal(ledger.counts('edge').IPv4.held, 1n);
  assert.equal(ledger.counts('edge', 1000).IPv4.held, 0n);
  assert.deepEqual(ledger.counts('nothing').IPv4.total, 0n);
});

test('an address is refused with the first thing in its way', async (t) => {
  const edge = pool('edge', ['10.0.0.0/28']);
  const web = claim('a/web', ['10.0.0.1'], { sharingKey: 'k' });
  const api = claim('a/api', ['10.0.0.1'], {
    sharingKey: 'k',
    ports: [port('TCP', 443)],
    createdAt: '2025-01-01T00:00:00Z',
  });
  const sole = claim('a/sole', ['10.0.0.2']);
  const kept = reservation('kept', 'b', ['10.0.0.8/29']);
  const ledger = ledgerOf([edge], [kept]);
  const settled = claim('a/settled', ['10.0.0.8']);
  for (const one of [web, api, sole, settled]) ledger.claim(one);
  const asks = claim('a/new', [], { sharingKey: 'k', ports: [port('UDP', 53)] });
  const rows: readonly [name: string, who: typeof asks, text: string, obstacle: unknown][] = [
    ['a free address', asks, '10.0.0.0', undefined],
    ['a shared address with a free port', asks, '10.0.0.1', undefined],
    [
      'outside every pool',
      asks,
      '10.0.0.16',
      { kind: 'outside-pools', nearest: { pool: 'edge', range: range('10.0.0.0/28') } },
    ],
    ['no pool of the family', asks, '2001:db8::1', { kind: 'outside-pools', nearest: undefined }],
    ['a holder that does not share', asks, '10.0.0.2', { kind: 'taken', holder: sole }],
    ['the elder holder is named first', { ...asks, sharingKey: undefined }, '10.0.0.1', { kind: 'taken', holder: api }],
    [
      'the holder with the port is named',
      { ...asks, ports: [port('TCP', 80)] },
      '10.0.0.1',
      { kind: 'incompatible', holder: web, why: 'port', port: port('TCP', 80) },
    ],
    ['another key', { ...asks, sharingKey: 'x' }, '10.0.0.1', { kind: 'incompatible', holder: api, why: 'key' }],
    [
      'another namespace',
      claim('c/new', [], { sharingKey: 'k' }),
      '10.0.0.1',
      { kind: 'incompatible', holder: api, why: 'namespace' },
    ],
    ['kept for another', asks, '10.0.0.9', { kind: 'reserved', reservation: kept }],
    ['kept for its own namespace', claim('b/new', []), '10.0.0.9', undefined],
    ['its own address', sole, '10.0.0.2', undefined],
    ['its own shared address', web, '10.0.0.1', undefined],
    ['its own address, kept for another since', settled, '10.0.0.8', undefined],
  ];
  for (const [name, who, text, obstacle] of rows) {
    await t.test(name, () => assert.deepEqual(ledger.obstacle(who, address(text), nobodyShares, 0), obstacle));
  }
});

test('a reservation that is over is no obstacle', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])], [reservation('down', 'b/web', ['10.0.0.1/32'], 10)]);
  assert.equal(ledger.obstacle(claim('a/web', []), address('10.0.0.1'), nobodyShares, 9)?.kind, 'reserved');
  assert.deepEqual(
    ledger.reservationsAt(address('10.0.0.1'), 9).map(({ name }) => name),
    ['down'],
  );
  assert.equal(ledger.obstacle(claim('a/web', []), address('10.0.0.1'), nobodyShares, 10), undefined);
  assert.deepEqual(ledger.reservationsAt(address('10.0.0.1'), 10), []);
});

test('whoever asks for a taken port learns which addresses of its key still take it', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])]);
  const under = (key: string, where: string, number: number) =>
    ledger.claim(claim(key, [where], { sharingKey: 'k', ports: [port('TCP', number)] }));
  under('a/one', '10.0.0.5', 80);
  under('a/two', '10.0.0.5', 443);
  under('a/three', '10.0.0.1', 443);
  under('b/four', '10.0.0.3', 443);
  under('a/stray', '10.9.9.9', 443);
  ledger.claim(claim('a/else', ['10.0.0.7'], { sharingKey: 'other' }));
  const asks = claim('a/new', [], { sharingKey: 'k', ports: [port('TCP', 80)] });
  const told = (mayShare: () => boolean) =>
    ledger
      .sharedAddresses(asks, mayShare, 0)
      .map((one) => `${formatAddress(one.address)} ${one.pool} ${one.obstacle?.kind}`);
  assert.deepEqual(told(nobodyShares), [
    '10.0.0.1 edge undefined',
    '10.0.0.5 edge incompatible',
    '10.9.9.9 undefined outside-pools',
  ]);
  assert.deepEqual(told(everybodyShares).slice(0, 2), ['10.0.0.1 edge undefined', '10.0.0.3 edge undefined']);
  assert.deepEqual(ledger.sharedAddresses(claim('a/new', []), everybodyShares, 0), []);
});

test('a namespace is charged once for an address that its Services share', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/28', '2001:db8::/64']), pool('core', ['10.1.0.0/28'])]);
  ledger.claim(claim('a/web', ['10.0.0.1', '2001:db8::1'], { sharingKey: 'k' }));
  ledger.claim(claim('a/api', ['10.0.0.1', '10.1.0.1'], { sharingKey: 'k' }));
  ledger.claim(claim('b/web', ['10.0.0.1'], { sharingKey: 'k' }));
  const usage = {
    services: 2,
    addresses: { IPv4: 2, IPv6: 1 },
    perPool: new Map([
      ['edge', 2],
      ['core', 1],
    ]),
  };
  assert.deepEqual(ledger.usage('a'), usage);
  assert.deepEqual(ledger.usage('b'), {
    services: 1,
    addresses: { IPv4: 1, IPv6: 0 },
    perPool: new Map([['edge', 1]]),
  });
  const withoutApi = { services: 1, addresses: { IPv4: 1, IPv6: 1 }, perPool: new Map([['edge', 2]]) };
  assert.deepEqual(ledger.usage('a', 'a/api'), withoutApi);
  assert.deepEqual(ledger.usage('a', 'b/web'), usage, 'another namespace changes nothing');
  assert.deepEqual(ledger.usage('a', 'a/unknown'), usage);
  assert.equal(ledger.counts('edge').IPv4.assigned, 1n);
  ledger.release('a/api');
  assert.deepEqual(ledger.usage('a'), withoutApi);
  ledger.release('a/web');
  assert.deepEqual(ledger.usage('a'), { services: 0, addresses: { IPv4: 0, IPv6: 0 }, perPool: new Map() });
});

test('claims outlive their pool, and their addresses are never given twice', () => {
  const [small, large] = [pool('edge', ['10.0.0.0/31']), pool('edge', ['10.0.0.0/30'])];
  const ledger = ledgerOf([large]);
  ledger.claim(claim('a/web', ['10.0.0.0']));
  ledger.claim(claim('a/api', ['10.0.0.2']));
  assert.deepEqual(ledger.strays(), []);
  ledger.configure(configuration([small]), 1);
  assert.deepEqual(
    ledger.strays().map(({ key }) => key),
    ['a/api'],
  );
  assert.deepEqual(ledger.usage('a'), {
    services: 2,
    addresses: { IPv4: 2, IPv6: 0 },
    perPool: new Map([['edge', 1]]),
  });
  assert.equal(ledger.poolOf(address('10.0.0.2')), undefined);
  ledger.configure(configuration([]), 2);
  assert.deepEqual(
    ledger.strays().map(({ key }) => key),
    ['a/api', 'a/web'],
  );
  ledger.configure(configuration([large]), 3);
  assert.deepEqual(ledger.strays(), []);
  assert.equal(nextOf(ledger, large, 'a/new'), '10.0.0.1');
  assert.equal(ledger.counts('edge').IPv4.assigned, 2n);
  ledger.release('a/api');
  assert.equal(ledger.counts('edge').IPv4.available, 3n);
});

test('reservations hold through a change of pools', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/30'])], [reservation('kept', 'b', ['10.0.0.0/31'])]);
  const wide = pool('edge', ['10.0.0.0/29']);
  ledger.configure(configuration([wide], [reservation('kept', 'b', ['10.0.0.0/31'])]), 1);
  assert.equal(nextOf(ledger, wide, 'a/web'), '10.0.0.2');
  assert.equal(nextOf(ledger, wide, 'b/web'), '10.0.0.0');
});

test('a pool edit that leaves the ranges alone reaches poolOf', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/30'])]);
  ledger.configure(configuration([pool('edge', ['10.0.0.0/30'], { autoAssign: false })]), 1);
  assert.equal(ledger.poolOf(address('10.0.0.1'))?.autoAssign, false);
});

test('two Services found on one address are a conflict that the elder wins', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])]);
  const at = (key: string, day: number, more = {}) =>
    claim(key, ['10.0.0.1'], { createdAt: `2026-01-0${day}T00:00:00Z`, sharingKey: 'k', ...more });
  ledger.claim(at('a/third', 3, { ports: [port('TCP', 443), port('TCP', 80)] }));
  ledger.claim(at('a/first', 1));
  ledger.claim(at('a/second', 2, { ports: [port('TCP', 443)] }));
  // Clashes with third alone, which has lost already.
  ledger.claim(at('a/fourth', 4, { ports: [port('UDP', 53)] }));
  ledger.claim(at('a/fifth', 5, { sharingKey: undefined, ports: [] }));
  assert.deepEqual(
    ledger.holders(address('10.0.0.1')).map(({ name }) => name),
    ['first', 'second', 'third', 'fourth', 'fifth'],
  );
  const told = ledger
    .conflicts(nobodyShares)
    .map(({ keeper, loser, clash }) => `${keeper.name} ${loser.name} ${clash.why}`);
  assert.deepEqual(told, ['first third port', 'first fifth exclusive']);
  ledger.release('a/third');
  ledger.release('a/fifth');
  assert.deepEqual(ledger.conflicts(nobodyShares), []);
});

test('two holders are enough for a conflict, and one is none', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])]);
  ledger.claim(claim('a/web', ['10.0.0.2', '2001:db8::1']));
  ledger.claim(claim('a/api', ['2001:db8::1', '10.0.0.2']));
  const told = ledger
    .conflicts(nobodyShares)
    .map((one) => `${formatAddress(one.address)} ${one.keeper.key} ${one.loser.key}`);
  assert.deepEqual(told, ['10.0.0.2 a/api a/web', '2001:db8::1 a/api a/web']);
  ledger.release('a/web');
  assert.deepEqual(ledger.conflicts(nobodyShares), []);
});

test('a conflict counts only where it matters to who asks', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])]);
  const at = (key: string, day: number, sharingKey: string, number: number) =>
    ledger.claim(
      claim(key, ['10.0.0.1'], { createdAt: `2026-01-0${day}T00:00:00Z`, sharingKey, ports: [port('TCP', number)] }),
    );
  at('a/first', 1, 'k', 80);
  at('a/second', 2, 'other', 443);
  at('a/third', 3, 'k', 443);
  at('a/fourth', 4, 'other', 80);
  const told = ledger
    .conflicts(nobodyShares, ({ why }) => why === 'port')
    .map(({ keeper, loser, clash }) => `${keeper.name} ${loser.name} ${clash.port?.port}`);
  assert.deepEqual(told, ['second third 443', 'first fourth 80']);
});

test('a claim is recorded as it was found', async (t) => {
  await t.test('the same address twice counts once', () => {
    const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])]);
    ledger.claim(claim('a/web', ['10.0.0.1', '10.0.0.1']));
    assert.equal(ledger.get('a/web')?.addresses.length, 1);
    assert.equal(ledger.holders(address('10.0.0.1')).length, 1);
    ledger.release('a/web');
    assert.equal(ledger.counts('edge').IPv4.available, 16n);
  });
  await t.test('no address is a release', () => {
    const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])]);
    ledger.claim(claim('a/web', ['10.0.0.1']));
    ledger.claim(claim('a/web', []));
    assert.equal(ledger.get('a/web'), undefined);
    assert.equal(ledger.size, 0);
  });
  await t.test('claims come before any pool', () => {
    const ledger = new Ledger();
    ledger.claim(claim('a/web', ['10.0.0.0']));
    const edge = pool('edge', ['10.0.0.0/28']);
    ledger.configure(configuration([edge]), 0);
    assert.equal(nextOf(ledger, edge, 'a/new'), '10.0.0.1');
  });
  await t.test('a key that is not namespace and name is a defect', () => {
    assert.throws(() => new Ledger().claim({ ...claim('a/web', []), key: 'a/api' }), /Defect: /);
  });
});

test('names that JavaScript knows are names like any other', () => {
  const proto = pool('__proto__', ['10.0.0.0/28']);
  const ledger = ledgerOf([proto], [reservation('constructor', '__proto__/toString', ['10.0.0.0/32'])]);
  assert.equal(nextOf(ledger, proto, '__proto__/toString'), '10.0.0.0');
  ledger.claim(claim('__proto__/toString', ['10.0.0.0'], { sharingKey: '__proto__' }));
  assert.equal(ledger.usage('__proto__').perPool.get('__proto__'), 1);
  assert.equal(ledger.usage('constructor').services, 0);
});

test('the nearest range is the one its author wrote', () => {
  const ledger = ledgerOf([pool('edge', ['10.0.0.0/28'])]);
  const nearest = ledger.nearest(address('10.0.0.200'));
  assert.equal(nearest && formatRange(nearest.range), '10.0.0.0/28');
});
