import { describe } from 'node:test';
import { decisions } from '../../../../test/support/decision-table.ts';

const POOL = 'metallb.io/address-pool';
const IPS = 'metallb.io/loadBalancerIPs';
const KEY = 'metallb.io/allow-shared-ip';

describe('an address that a Service asks for', () => {
  const world = {
    pools: {
      edge: '10.0.0.0/28',
      other: ['10.1.0.0/28', 'fd00:1::/120'],
      private: { addresses: ['10.2.0.0/28'], autoAssign: false },
      pinned: { addresses: ['10.3.0.0/28'], serviceAllocation: { namespaces: ['team-b'] } },
      avoiding: { addresses: ['10.4.0.0/24'], avoidBuggyIPs: true },
      six: 'fd00:2::/120',
    },
    services: [{ key: 'team-b/db', status: ['10.0.0.5'] }],
  };
  const asks = (text: string, more = {}) => ({ key: 'team-a/web', annotations: { [IPS]: text, ...more } });
  decisions([
    {
      name: 'is given by spec.loadBalancerIP, which is never called deprecated',
      world,
      service: { key: 'team-a/web', ip: '10.0.0.9' },
      expect: 'edge 10.0.0.9',
      hides: ['deprecated'],
    },
    { name: 'is given by annotation', world, service: asks('10.0.0.9'), expect: 'edge 10.0.0.9' },
    {
      name: 'is given from a pool whose autoAssign is false',
      world,
      service: asks('10.2.0.9'),
      expect: 'private 10.2.0.9',
    },
    {
      name: 'outside every pool is refused with the pools and the nearest range',
      world,
      service: { key: 'team-a/web', ip: '10.0.0.99' },
      expect: 'AddressOutsidePools',
      says: ['Cannot assign address 10.0.0.99', 'the nearest range is 10.0.0.0/28 of pool "edge"', 'of 6 pools'],
    },
    {
      name: 'of a family that no pool has is said so',
      world: { pools: { edge: '10.0.0.0/28' } },
      service: asks('fd00::1', {}) && { ...asks('fd00::1'), families: ['IPv6'] },
      expect: 'AddressOutsidePools',
      says: ['it lies in no pool, and ', 'no pool has an IPv6 range'],
    },
    {
      name: 'that is taken is refused with the name of its holder',
      world,
      service: asks('10.0.0.5'),
      expect: 'AlreadyAllocated',
      says: ['Cannot assign address 10.0.0.5 of pool "edge": team-b/db holds it; ask for another address'],
      hides: ['allow-shared-ip'],
    },
    {
      name: 'that is taken within the namespace can be shared, and the refusal says how',
      world,
      service: { ...asks('10.0.0.5'), key: 'team-b/web' },
      expect: 'AlreadyAllocated',
      says: ['give both Services the same annotation metallb.io/allow-shared-ip'],
    },
    {
      name: 'of a pool that is pinned to others is refused',
      world,
      service: asks('10.3.0.1'),
      expect: 'PoolForbidden',
      says: ['Cannot assign pool "pinned", in which 10.3.0.1 lies: it is pinned to other namespaces'],
    },
    {
      name: 'that the pool avoids is refused, as MetalLB does',
      world,
      service: asks('10.4.0.0'),
      expect: 'AddressOutsidePools',
      says: ['pool "avoiding" avoids addresses that end in .0 or .255'],
    },
    {
      name: 'beside the name of its own pool is given',
      world,
      service: asks('10.0.0.9', { [POOL]: 'edge' }),
      expect: 'edge 10.0.0.9',
    },
    {
      name: 'beside the name of another pool is refused, naming both and what to drop',
      world,
      service: asks('10.0.0.9', { [POOL]: 'other' }),
      expect: 'InvalidRequest',
      says: [
        'Cannot assign address 10.0.0.9 from pool "other": the address lies in pool "edge"; ' +
          'drop annotation metallb.io/address-pool to get the address',
      ],
    },
    {
      name: 'beside the name of an absent pool waits, naming both and what to drop',
      world,
      service: asks('10.0.0.9', { [POOL]: 'ghost' }),
      expect: 'waits InvalidRequest',
      says: ['Waiting for pool "ghost": it does not exist, and address 10.0.0.9 lies in pool "edge"; drop annotation'],
    },
    {
      name: 'outside every pool beside the name of an absent pool waits: the pool may bring it',
      world,
      service: asks('10.9.0.9', { [POOL]: 'ghost' }),
      expect: 'waits NoPool',
    },
    {
      name: 'where no pool exists yet waits',
      world: {},
      service: asks('10.0.0.9'),
      expect: 'waits NoPool',
    },
    {
      name: 'in two places at once is refused',
      world,
      service: { ...asks('10.0.0.9'), ip: '10.0.0.9' },
      expect: 'InvalidRequest',
      says: ['one place must decide'],
    },
    {
      name: 'that is no address is refused by its field',
      world,
      service: asks('please sir may I have an address'),
      expect: 'InvalidRequest',
      says: ['Cannot assign an address: annotation metallb.io/loadBalancerIPs "please sir may I have an address"'],
    },
    {
      name: 'of the wrong family is refused',
      world,
      service: asks('fd00:2::1'),
      expect: 'FamilyMismatch',
      says: ['Cannot assign address fd00:2::1: it is IPv6, but the Service has only IPv4'],
    },
    {
      name: 'with spaces after the comma is read as people write it',
      world,
      service: { ...asks('10.1.0.9, fd00:1::9'), families: ['IPv4', 'IPv6'] },
      expect: 'other 10.1.0.9 fd00:1::9',
    },
    {
      name: 'twice in one family is refused',
      world,
      service: asks('10.1.0.9,10.1.0.8'),
      expect: 'InvalidRequest',
      says: ['more than one IPv4 address'],
    },
    {
      name: 'of each family from two pools is refused: one pool serves both',
      world,
      service: { ...asks('10.0.0.9,fd00:2::9'), families: ['IPv4', 'IPv6'] },
      expect: 'InvalidRequest',
      says: ['they lie in pools "edge" and "six", and one pool must serve both families'],
    },
    {
      name: 'alone for RequireDualStack is refused, as MetalLB does',
      world,
      service: { ...asks('10.1.0.9'), families: ['IPv4', 'IPv6'] },
      expect: 'FamilyMismatch',
      says: ['no IPv6 address is asked for; name one of each family in annotation metallb.io/loadBalancerIPs'],
    },
    {
      name: 'alone for PreferDualStack is given with one of the other family from the same pool',
      world,
      service: { ...asks('10.1.0.9'), families: ['IPv4', 'IPv6'], familyPolicy: 'PreferDualStack' },
      expect: 'other 10.1.0.9 fd00:1::',
    },
    {
      name: 'for both families of a single-stack Service is refused',
      world,
      service: asks('10.1.0.9,fd00:1::9'),
      expect: 'FamilyMismatch',
    },
    {
      name: 'above the quota is refused',
      world: { ...world, policies: { q: { quota: { services: 0 } } } },
      service: asks('10.0.0.9'),
      expect: 'QuotaExceeded',
      says: ['team-a has 0 of 0 Services that AddressPolicy "q" allows'],
    },
  ]);
});

describe('an address that others share', () => {
  const world = {
    pools: { edge: '10.0.0.0/28' },
    services: [
      { key: 'team-a/dns', status: ['10.0.0.1'], ports: ['UDP/53', 'TCP/53'], annotations: { [KEY]: 'net' } },
      { key: 'team-a/ntp', status: ['10.0.0.2'], ports: ['UDP/123'], annotations: { [KEY]: 'net' } },
      { key: 'team-a/alone', status: ['10.0.0.3'] },
      {
        key: 'team-a/local',
        status: ['10.0.0.4'],
        ports: ['TCP/443'],
        trafficPolicy: 'Local' as const,
        selector: { app: 'x' },
        annotations: { [KEY]: 'loc' },
      },
    ],
  };
  const shares = (ip: string, key: string, ports: readonly string[], more = {}) => ({
    key: 'team-a/web',
    ip,
    ports,
    annotations: { [KEY]: key },
    ...more,
  });
  decisions([
    {
      name: 'is shared under an equal key on other ports',
      world,
      service: shares('10.0.0.1', 'net', ['TCP/80']),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'is shared on the same number under another protocol, SCTP included',
      world,
      service: shares('10.0.0.1', 'net', ['SCTP/53']),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'is refused on a taken port, with the holder and the addresses that still take it',
      world,
      service: shares('10.0.0.1', 'net', ['TCP/53']),
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['with team-a/dns: it has port TCP/53', 'ask for 10.0.0.2, where it fits'],
    },
    {
      name: 'is refused under another key',
      world,
      service: shares('10.0.0.1', 'web', ['TCP/80']),
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['its sharing key is "net", not "web"'],
    },
    {
      name: 'is refused where the holder has no key',
      world,
      service: shares('10.0.0.3', 'net', ['TCP/90']),
      expect: 'AlreadyAllocated',
      says: ['team-a/alone holds it', 'give both Services the same annotation metallb.io/allow-shared-ip'],
    },
    {
      name: 'is refused where one is Local on other backends',
      world,
      service: shares('10.0.0.4', 'loc', ['TCP/80']),
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['one of the two has externalTrafficPolicy Local and the other Cluster'],
    },
    {
      name: 'is refused where both are Local on other backends',
      world,
      service: shares('10.0.0.4', 'loc', ['TCP/80'], { trafficPolicy: 'Local' }),
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['both have externalTrafficPolicy Local, with different selectors'],
    },
    {
      name: 'is shared where both are Local on the same backends',
      world,
      service: shares('10.0.0.4', 'loc', ['TCP/80'], { trafficPolicy: 'Local', selector: { app: 'x' } }),
      expect: 'edge 10.0.0.4',
    },
    {
      name: 'is found without asking: a Service under the key gets it where its ports allow',
      world,
      service: { key: 'team-a/web', ports: ['TCP/80'], annotations: { [KEY]: 'net' } },
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'and the next one under the key where the first has the port',
      world,
      service: { key: 'team-a/web', ports: ['TCP/53'], annotations: { [KEY]: 'net' } },
      expect: 'edge 10.0.0.2',
    },
    {
      name: 'and a free one where none under the key takes it',
      world,
      service: { key: 'team-a/web', ports: ['UDP/53', 'UDP/123'], annotations: { [KEY]: 'net' } },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'is not joined by a Service of another namespace under the same key',
      world,
      service: { key: 'team-b/web', ports: ['TCP/80'], annotations: { [KEY]: 'net' } },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'is refused to another namespace, with what would allow it and nothing of the other key',
      world,
      service: { ...shares('10.0.0.1', 'net', ['TCP/80']), key: 'team-b/web' },
      expect: 'AlreadyAllocatedIncompatibleService',
      says: [
        'with team-a/dns: a sharing key counts within its own namespace',
        'have an AddressPolicy name team-b and team-a in spec.sharing',
      ],
    },
    {
      name: 'a key with a comma is one key',
      world: {
        ...world,
        services: [{ key: 'team-a/dns', status: ['10.0.0.1'], annotations: { [KEY]: 'a,b' }, ports: ['UDP/53'] }],
      },
      service: shares('10.0.0.1', 'a', ['TCP/80']),
      expect: 'AlreadyAllocatedIncompatibleService',
    },
  ]);
});

describe('sharing across namespaces', () => {
  const dns = { key: 'team-a/dns', status: ['10.0.0.1'], ports: ['UDP/53'], annotations: { [KEY]: 'net' } };
  const asks = (key: string) => ({ key, ip: '10.0.0.1', annotations: { [KEY]: 'net' } });
  const world = (policies: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => ({
    pools: { edge: '10.0.0.0/28' },
    services: [dns],
    policies,
    namespaces: { 'team-a': { share: 'yes' }, 'team-b': { share: 'yes' }, 'team-c': {} },
  });
  decisions([
    {
      name: 'is allowed to namespaces that a policy names',
      world: world({ s: { sharing: { namespaces: ['team-a', 'team-b'] } } }),
      service: asks('team-b/web'),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'is allowed to namespaces that a policy selects',
      world: world({ s: { sharing: { namespaceSelector: { matchLabels: { share: 'yes' } } } } }),
      service: asks('team-b/web'),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'is refused to a namespace that the policy leaves out, and names the policy that would allow it',
      world: world({ s: { sharing: { namespaces: ['team-a', 'team-b'] } } }),
      service: asks('team-c/web'),
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['have team-c added to spec.sharing of AddressPolicy "s"'],
    },
    {
      name: 'is refused where the policy that speaks for the holder leaves the asker out',
      world: world({
        own: { priority: 1, match: { namespaces: ['team-a'] }, sharing: { namespaces: ['team-a'] } },
        s: { priority: 2, sharing: { namespaces: ['team-a', 'team-b'] } },
      }),
      service: asks('team-b/web'),
      expect: 'AlreadyAllocatedIncompatibleService',
    },
    {
      name: 'is refused to a namespace that is not known, whatever the selector says',
      world: world({ s: { sharing: { namespaceSelector: {} } } }),
      service: asks('unknown/web'),
      expect: 'AlreadyAllocatedIncompatibleService',
    },
    {
      name: 'happens without asking where a policy allows it',
      world: world({ s: { sharing: { namespaces: ['team-a', 'team-b'] } } }),
      service: { key: 'team-b/web', annotations: { [KEY]: 'net' } },
      expect: 'edge 10.0.0.1',
    },
  ]);
});
