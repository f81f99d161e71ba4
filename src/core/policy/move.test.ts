import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { address } from '../../../test/support/ledger.ts';
import { hold, type ServiceSpec, service, type WorldSpec, worldOf } from '../../../test/support/world.ts';
import { formatAddress } from '../net/address.ts';
import { exchange } from './exchange.ts';
import { judgeContest, MOST_SET_ASIDE } from './move.ts';

const by = '02:00:00:00:00:ee';
const move = (addresses: readonly string[], more: object = {}) => ({ addresses, onConflict: 'Move', ...more });
const web: ServiceSpec = { key: 'team-a/web', status: ['10.0.0.0'] };

interface Row {
  readonly name: string;
  readonly world?: WorldSpec;
  readonly service?: ServiceSpec;
  readonly unannounced?: boolean;
  readonly setAside?: readonly string[];
  readonly verdict: string | undefined;
}

const rows: readonly Row[] = [
  { name: 'moves from an address that was given and never announced', verdict: 'move' },
  { name: 'stays where clients may know the address', unannounced: false, verdict: 'Announced' },
  {
    name: 'stays where it asks for the address by its field',
    service: { ...web, ip: '10.0.0.0' },
    verdict: 'Requested',
  },
  {
    name: 'stays where it asks for the address by an annotation',
    service: { ...web, annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.0' } },
    verdict: 'Requested',
  },
  {
    name: 'moves where it asks for the pool only',
    service: { ...web, annotations: { 'metallb.io/address-pool': 'edge' } },
    verdict: 'move',
  },
  {
    name: 'stays where a reservation keeps the address for it',
    world: { reservations: { r: { addresses: ['10.0.0.0'], namespace: 'team-a', service: 'web' } } },
    verdict: 'Reserved',
  },
  {
    name: 'moves inside what is kept for its namespace',
    world: { reservations: { r: { addresses: ['10.0.0.0/30'], namespace: 'team-a' } } },
    verdict: 'move',
  },
  {
    name: 'stays with those who share the address',
    world: {
      services: [
        {
          key: 'team-a/dns',
          status: ['10.0.0.0'],
          ports: ['UDP/53'],
          annotations: { 'metallb.io/allow-shared-ip': 'k' },
        },
      ],
    },
    service: { ...web, annotations: { 'metallb.io/allow-shared-ip': 'k' } },
    verdict: 'Shared',
  },
  {
    name: 'stays where the pool has nothing else',
    world: { pools: { edge: move(['10.0.0.0/32']), other: '10.1.0.0/30' } },
    verdict: 'NoOther',
  },
  {
    name: 'stays where everything else is set aside too',
    world: {
      pools: { edge: move(['10.0.0.0/31']) },
      reservations: {
        contested: {
          addresses: ['10.0.0.1'],
          namespace: 'team-a',
          service: 'web',
          holdDown: true,
          contestedBy: by,
          expiresAt: '2026-07-20T11:42:17Z',
        },
      },
    },
    verdict: 'NoOther',
  },
  {
    name: 'stays where so many addresses of the pool are set aside that it is no chance',
    setAside: Array.from({ length: MOST_SET_ASIDE }, (_, at) => `10.0.0.${at + 1}`),
    verdict: 'TooMany',
  },
  {
    name: 'moves on where its own address is the last that may be set aside',
    setAside: Array.from({ length: MOST_SET_ASIDE }, (_, at) => `10.0.0.${at}`),
    verdict: 'move',
  },
  {
    name: 'moves whatever is set aside in other pools',
    world: { pools: { edge: move(['10.0.0.0/28']), other: '10.1.0.0/28' } },
    setAside: Array.from({ length: MOST_SET_ASIDE }, (_, at) => `10.1.0.${at}`),
    verdict: 'move',
  },
  {
    name: 'is left alone where the pool says Yield',
    world: { pools: { edge: move(['10.0.0.0/28'], { onConflict: 'Yield' }) } },
    verdict: undefined,
  },
  {
    name: 'is left alone where no pool holds the address',
    world: { pools: { other: move(['10.1.0.0/28']) } },
    verdict: undefined,
  },
];

describe('a Service whose address another host has', () => {
  for (const { name, world: spec, service: own = web, unannounced = true, setAside = [], verdict } of rows) {
    test(name, () => {
      const world = worldOf({ pools: { edge: move(['10.0.0.0/28']) }, namespaces: { 'team-a': {} }, ...spec });
      const request = service(own);
      hold(world, request);
      const contest = { address: address('10.0.0.0'), by, unannounced };
      const found = judgeContest(request, world, contest, setAside.map(address));
      assert.equal(found?.kind === 'stay' ? found.why : found?.kind, verdict);
    });
  }
});

describe('the exchange', () => {
  test('gives the next address of the same pool, and says why', () => {
    const world = worldOf({
      pools: { edge: move(['10.0.0.0/28']), also: '10.1.0.0/28' },
      namespaces: { 'team-a': {} },
    });
    const request = service(web);
    hold(world, request);
    const decision = exchange(request, world, [{ address: address('10.0.0.0'), by }]);
    assert.deepEqual(decision?.addresses.map(formatAddress), ['10.0.0.1']);
    assert.deepEqual(
      decision?.released.map((each) => [formatAddress(each.address), each.because]),
      [['10.0.0.0', `is claimed by another host, ${by}`]],
    );
    assert.equal(decision?.kept, false);
  });

  test('of a Service with a quota that is used up is possible: it has no more than before', () => {
    const world = worldOf({
      pools: { edge: move(['10.0.0.0/28']) },
      policies: { tenants: { quota: { addresses: 1 } } },
      namespaces: { 'team-a': {} },
    });
    const request = service(web);
    hold(world, request);
    const decision = exchange(request, world, [{ address: address('10.0.0.0'), by }]);
    assert.deepEqual(decision?.addresses.map(formatAddress), ['10.0.0.1']);
  });

  test('of something that the Service does not hold is none', () => {
    const world = worldOf({ pools: { edge: move(['10.0.0.0/28']) } });
    const request = service(web);
    hold(world, request);
    assert.equal(exchange(request, world, [{ address: address('10.0.0.7'), by }]), undefined);
  });

  test('never leaves a Service with less than it had, nor with what is contested, nor with what others have', () => {
    const some = (of: string[]) => fc.subarray(of, { minLength: 1 });
    const held = some(['10.0.0.1', 'fd00::1']).chain((has) => fc.tuple(fc.constant(has), some(has)));
    const taken = fc.subarray(['10.0.0.0', '10.0.0.2', '10.0.0.3', 'fd00::', 'fd00::2', 'fd00::3']);
    const policy = fc.constantFrom('PreferDualStack', 'RequireDualStack');
    fc.assert(
      fc.property(held, taken, policy, ([has, contested], others, familyPolicy) => {
        const world = worldOf({
          pools: { edge: move(['10.0.0.0/30', 'fd00::/126']) },
          namespaces: { 'team-a': {} },
          services: others.map((status, at) => ({
            key: `team-a/other-${at}`,
            status: [status],
            families: [status.includes(':') ? 'IPv6' : 'IPv4'],
          })),
        });
        const request = service({ key: 'team-a/web', status: has, families: ['IPv4', 'IPv6'], familyPolicy });
        hold(world, request);
        const decision = exchange(
          request,
          world,
          contested.map((each) => ({ address: address(each), by })),
        );
        if (decision === undefined) return;
        const given = decision.addresses.map(formatAddress);
        for (const each of request.held) assert.ok(decision.addresses.some(({ family }) => family === each.family));
        assert.ok(given.every((each) => !contested.includes(each) && !others.includes(each)));
        for (const each of has) assert.equal(given.includes(each), !contested.includes(each));
      }),
    );
  });
});
