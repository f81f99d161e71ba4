import { describe } from 'node:test';
import { decisions } from '../../../test/support/decision-table.ts';

const POOL = 'metallb.io/address-pool';
const KEY = 'metallb.io/allow-shared-ip';

describe('quota, counted for each namespace by itself', () => {
  const pools = { edge: ['10.0.0.0/24', 'fd00::/120'], spare: '10.1.0.0/24' };
  const services = [
    { key: 'team-a/one', status: ['10.0.0.0'] },
    { key: 'team-a/two', status: ['10.0.0.1', 'fd00::1'], families: ['IPv4', 'IPv6'] },
    { key: 'team-b/one', status: ['10.0.0.2'] },
  ];
  const world = (quota: object, more: object = {}) => ({
    pools,
    services,
    policies: { tenants: { quota, ...more } },
  });
  const web = { key: 'team-a/web' };
  decisions([
    {
      name: 'Services at the limit are refused with the numbers',
      world: world({ services: 2 }),
      service: web,
      expect: 'QuotaExceeded',
      says: [
        'Cannot assign an address: team-a has 2 of 2 Services that AddressPolicy "tenants" allows; delete a Service',
      ],
      hides: ['team-b'],
    },
    {
      name: 'Services below the limit are served',
      world: world({ services: 3 }),
      service: web,
      expect: 'edge 10.0.0.3',
    },
    {
      name: 'addresses count in both families together',
      world: world({ addresses: 3 }),
      service: web,
      expect: 'QuotaExceeded',
      says: ['team-a has 3 of 3 addresses'],
    },
    {
      name: 'a family can have its own limit',
      world: world({ addressesIPv6: 1 }),
      service: { ...web, families: ['IPv6'] },
      expect: 'QuotaExceeded',
      says: ['team-a has 1 of 1 IPv6 addresses'],
    },
    {
      name: 'and the other family is not touched by it',
      world: world({ addressesIPv6: 1 }),
      service: web,
      expect: 'edge 10.0.0.3',
    },
    {
      name: 'a pool can have its own limit, and the refusal names it',
      world: world({ perPool: { edge: 3 } }),
      service: { ...web, annotations: { [POOL]: 'edge' } },
      expect: 'QuotaExceeded',
      says: ['Cannot assign pool "edge": team-a has 3 of 3 addresses of this pool', 'ask for "spare"'],
    },
    {
      name: 'a pool at its limit is passed over for the next one',
      world: world({ perPool: { edge: 3 } }, { pools: ['edge', 'spare'] }),
      service: web,
      expect: 'spare 10.1.0.0',
    },
    {
      name: 'another namespace has its own count',
      world: world({ services: 2 }),
      service: { key: 'team-b/web' },
      expect: 'edge 10.0.0.3',
    },
    {
      name: 'a Service that needs two addresses is refused where one is left',
      world: world({ addresses: 4 }),
      service: { ...web, families: ['IPv4', 'IPv6'] },
      expect: 'QuotaExceeded',
      says: ['team-a has 3 of 4 addresses that AddressPolicy "tenants" allows, and this Service needs 2 more'],
    },
    {
      name: 'a quota of none allows none',
      world: { pools, policies: { none: { quota: { addresses: 0 } } } },
      service: web,
      expect: 'QuotaExceeded',
    },
    {
      name: 'an address that the namespace holds already costs nothing to share',
      world: {
        pools,
        services: [{ key: 'team-a/dns', status: ['10.0.0.0'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
        policies: { q: { quota: { addresses: 1 } } },
      },
      service: { ...web, annotations: { [KEY]: 'k' } },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'an address that another namespace holds costs one',
      world: {
        pools,
        services: [{ key: 'team-b/dns', status: ['10.0.0.0'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
        policies: { q: { quota: { addresses: 0 }, sharing: { namespaces: ['team-a', 'team-b'] } } },
      },
      service: { ...web, annotations: { [KEY]: 'k' } },
      expect: 'QuotaExceeded',
    },
    {
      name: 'a Service that holds an address keeps it under a quota lowered since',
      world: world({ services: 0 }),
      service: { key: 'team-a/one', status: ['10.0.0.0'] },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'and may still move, since the namespace then uses no more than before',
      world: world({ services: 0 }),
      service: { key: 'team-a/one', status: ['10.0.0.0'], ip: '10.1.0.5' },
      expect: 'spare 10.1.0.5',
    },
    {
      name: 'the quota counts whichever step chooses the pool',
      world: {
        ...world({ services: 2 }),
        reservations: { r: { addresses: ['10.1.0.9'], namespace: 'team-a', service: 'web' } },
      },
      service: web,
      expect: 'QuotaExceeded',
    },
    {
      name: 'with onExhausted Pend the Service waits for the quota',
      world: world({ services: 2 }, { onExhausted: 'Pend' }),
      service: web,
      expect: 'waits QuotaExceeded',
    },
    {
      name: 'a quota that is nearly used up is warned of',
      world: world({ addresses: 4 }),
      service: web,
      expect: 'edge 10.0.0.3',
      warns: ['team-a has 4 of 4 addresses that AddressPolicy "tenants" allows'],
    },
  ]);
});
