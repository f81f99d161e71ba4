import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Freed, type Waiter, Waiters } from './waiters.ts';

const waiter = (key: string, second: number, more: Partial<Waiter> = {}): Waiter => ({
  key,
  namespace: key.split('/')[0] ?? '',
  createdAt: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
  pools: [],
  addresses: [],
  sharingKey: undefined,
  quota: false,
  reason: 'OutOfIPs',
  ...more,
});
const freed = (more: Partial<Freed> = {}): Freed => ({
  namespace: 'z',
  sharingKey: undefined,
  addresses: [],
  pools: [{ pool: 'edge', family: 'IPv4' }],
  ...more,
});
const waitersOf = (...all: Waiter[]): Waiters => {
  const waiters = new Waiters();
  for (const each of all) waiters.add(each);
  return waiters;
};
const keys = (found: Iterable<Waiter>): string[] => [...found].map(({ key }) => key);
const always = (): boolean => true;
const never = (): boolean => false;

describe('waiters', () => {
  it('are asked by age: those of the pool and those that take any', () => {
    const waiters = waitersOf(
      waiter('a/young', 9, { pools: ['edge'] }),
      waiter('a/other', 1, { pools: ['internal'] }),
      waiter('a/old', 2, { pools: 'any' }),
      waiter('a/middle', 5, { pools: ['internal', 'edge'] }),
    );
    assert.deepEqual(keys(waiters.candidates(freed(), always)), ['a/old', 'a/middle', 'a/young']);
    assert.deepEqual(
      waiters.byAge().map(({ key }) => key),
      ['a/other', 'a/old', 'a/middle', 'a/young'],
    );
  });

  it('are asked no further than the pool has something to give', () => {
    const waiters = waitersOf(...[1, 2, 3, 4].map((second) => waiter(`a/${second}`, second, { pools: ['edge'] })));
    let free = 2;
    const asked: string[] = [];
    for (const { key } of waiters.candidates(freed(), () => free > 0)) {
      asked.push(key);
      waiters.delete(key);
      free--;
    }
    assert.deepEqual(asked, ['a/1', 'a/2']);
    assert.equal(waiters.size, 2);
  });

  it('are asked also without a free address where something else was enough', () => {
    const waiters = waitersOf(
      waiter('a/pinned', 1, { addresses: ['192.0.2.7'] }),
      waiter('b/quota', 2, { quota: true, pools: 'any' }),
      waiter('a/quota', 3, { quota: true, pools: 'any' }),
      waiter('a/sharer', 4, { sharingKey: 'web', pools: ['edge'] }),
      waiter('a/plain', 5, { pools: ['edge'] }),
    );
    const what = freed({ namespace: 'a', addresses: ['192.0.2.7'], sharingKey: 'web' });
    assert.deepEqual(keys(waiters.candidates(what, never)), ['a/pinned', 'a/quota', 'a/sharer']);
  });

  it('are replaced by what they wait for now', () => {
    const waiters = waitersOf(waiter('a/x', 1, { pools: ['edge'] }), waiter('a/x', 1, { pools: ['internal'] }));
    assert.equal(waiters.size, 1);
    assert.deepEqual(keys(waiters.candidates(freed(), always)), []);
    waiters.delete('a/x');
    waiters.delete('a/x');
    assert.equal(waiters.size, 0);
  });

  it('are each asked once, in order of age, and exactly those who may be served', () => {
    const aWaiter = fc.record({
      key: fc.constantFrom('a/1', 'a/2', 'a/3', 'b/4', 'b/5'),
      second: fc.nat(3),
      pools: fc.oneof(fc.constant('any' as const), fc.subarray(['edge', 'internal'])),
      addresses: fc.subarray(['192.0.2.1', '192.0.2.2']),
      sharingKey: fc.constantFrom(undefined, 'web'),
      quota: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(aWaiter), fc.boolean(), (specs, hasFree) => {
        const waiters = new Waiters();
        const all = new Map<string, Waiter>();
        for (const { key, second, ...more } of specs) {
          const each = waiter(key, second, more);
          waiters.add(each);
          all.set(key, each);
        }
        const what = freed({ namespace: 'a', addresses: ['192.0.2.1'], sharingKey: 'web' });
        const expected = [...all.values()]
          .filter(
            (each) =>
              (each.quota && each.namespace === 'a') ||
              each.addresses.includes('192.0.2.1') ||
              each.sharingKey === 'web' ||
              (hasFree && (each.pools === 'any' || each.pools.includes('edge'))),
          )
          .sort((a, b) => (`${a.createdAt} ${a.key}` < `${b.createdAt} ${b.key}` ? -1 : 1));
        assert.deepEqual([...waiters.candidates(what, () => hasFree)], expected);
      }),
    );
  });
});
