/** What authors try, and what comes of it: one scene for each refusal and each warning. */
import { configured, loadBalancer, type Manifest, namespace, pool } from './refusal-stage.ts';

export interface Scene {
  /** A heading. */
  readonly title: string;
  /** One sentence of what the author tries. */
  readonly story: string;
  /** Applied with `kubectl apply`; undefined where `command` says it all. */
  readonly manifest?: Manifest;
  /** Another command than `kubectl apply -f service.yaml`. */
  readonly command?: readonly string[];
  /** `refused`: kubectl fails; `warned`: it succeeds and prints a warning. */
  readonly outcome: 'refused' | 'warned';
  /** Done by a user who may edit namespaces and use no pool. */
  readonly asDeveloper?: boolean;
}

export interface Chapter {
  readonly title: string;
  readonly scenes: readonly Scene[];
}

const IPS = 'metallb.io/loadBalancerIPs';
const POOL = 'metallb.io/address-pool';
const KEY = 'metallb.io/allow-shared-ip';
const SYSTEM = ['-n', 'metallb-system'];

const newServices: readonly Scene[] = [
  {
    title: 'An address outside every pool',
    story: 'The Service asks for an address that no pool holds.',
    manifest: loadBalancer('team-a/api', { spec: { loadBalancerIP: '10.20.30.40' } }),
    outcome: 'refused',
  },
  {
    title: 'An address that somebody holds',
    story: 'The Service asks for the address of another Service.',
    manifest: loadBalancer('team-a/api', { spec: { loadBalancerIP: '192.0.2.1' } }),
    outcome: 'refused',
  },
  {
    title: 'An address that is reserved',
    story: 'An AddressReservation keeps the address for another Service, whether or not that one exists.',
    manifest: loadBalancer('team-a/api', { annotations: { [IPS]: '192.0.2.14' } }),
    outcome: 'refused',
  },
  {
    title: 'A pool that is pinned to others',
    story: 'The Service names a pool whose serviceAllocation lists other namespaces.',
    manifest: loadBalancer('team-a/api', { annotations: { [POOL]: 'payments' } }),
    outcome: 'refused',
  },
  {
    title: 'A namespace label that names a pinned pool',
    story: 'The namespace carries the label `berth.dev/pool: payments`, but that pool is pinned to others.',
    manifest: loadBalancer('labelled/api'),
    outcome: 'refused',
  },
  {
    title: 'A pool without a free address',
    story: 'The Service names a pool of two addresses, and both are held.',
    manifest: loadBalancer('team-a/api', { annotations: { [POOL]: 'internal' } }),
    outcome: 'refused',
  },
  {
    title: 'Every pool of a policy is full',
    story: 'An AddressPolicy sends databases to two pools, one after the other, and both are used up.',
    manifest: loadBalancer('team-a/db', { annotations: { 'berth.dev/category': 'database' } }),
    outcome: 'refused',
  },
  {
    title: 'A quota that is used up',
    story: 'An AddressPolicy gives the namespace one Service, and it has one.',
    manifest: loadBalancer('team-b/second'),
    outcome: 'refused',
  },
  {
    title: 'A family that no pool has',
    story: 'The Service wants IPv6, and every pool that is open to it has IPv4 alone.',
    manifest: loadBalancer('team-a/api', { spec: { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' } }),
    outcome: 'refused',
  },
  {
    title: 'Two families from a pool of one',
    story: 'The Service requires both families from a pool that has IPv4 alone.',
    manifest: loadBalancer('team-a/api', {
      annotations: { [POOL]: 'edge' },
      spec: { ipFamilyPolicy: 'RequireDualStack' },
    }),
    outcome: 'refused',
  },
  {
    title: 'An annotation that can’t be read',
    story: 'A number of the address is mistyped.',
    manifest: loadBalancer('team-a/api', { annotations: { [IPS]: '192.0.2.300' } }),
    outcome: 'refused',
  },
  {
    title: 'Several faults in one Service',
    story: 'All of them are told at once.',
    manifest: loadBalancer('team-a/api', { annotations: { [IPS]: '192.0.2.300', [POOL]: 'Edge Pool' } }),
    outcome: 'refused',
  },
  {
    title: 'Two places that ask for an address',
    story: 'The annotation and `spec.loadBalancerIP` ask for different addresses.',
    manifest: loadBalancer('team-a/api', {
      annotations: { [IPS]: '192.0.2.5' },
      spec: { loadBalancerIP: '192.0.2.6' },
    }),
    outcome: 'refused',
  },
  {
    title: 'A pool and an address of another pool',
    story: 'The Service names one pool and asks for an address of another.',
    manifest: loadBalancer('team-a/api', {
      annotations: { [POOL]: 'internal' },
      spec: { loadBalancerIP: '192.0.2.5' },
    }),
    outcome: 'refused',
  },
  {
    title: 'A shared address: the port is taken',
    story: 'The sharing key is the right one, but the other Service has that port.',
    manifest: loadBalancer('team-a/api', { annotations: { [KEY]: 'web' }, spec: { loadBalancerIP: '192.0.2.2' } }),
    outcome: 'refused',
  },
  {
    title: 'A shared address: another key',
    story: 'The Service that holds the address shares it under another key.',
    manifest: loadBalancer('team-a/api', {
      annotations: { [KEY]: 'api' },
      spec: { loadBalancerIP: '192.0.2.2', ports: [{ port: 8443 }] },
    }),
    outcome: 'refused',
  },
  {
    title: 'A shared address: another namespace',
    story: 'The key is equal, but no AddressPolicy lets the two namespaces share.',
    manifest: loadBalancer('infra/api', {
      annotations: { [KEY]: 'web' },
      spec: { loadBalancerIP: '192.0.2.2', ports: [{ port: 8443 }] },
    }),
    outcome: 'refused',
  },
];

const edits: readonly Scene[] = [
  {
    title: 'A bad annotation on a healthy Service',
    story: 'The edit is refused; the Service keeps its address.',
    command: ['annotate', 'service', 'web', '-n', 'team-a', '--overwrite', `${IPS}=192.0.2`],
    outcome: 'refused',
  },
  {
    title: 'A wish for somebody else’s address on a healthy Service',
    story: 'The edit is refused; the Service keeps its address.',
    command: [
      'patch',
      'service',
      'only',
      '-n',
      'team-b',
      '--type=merge',
      '-p',
      '{"spec":{"loadBalancerIP":"192.0.2.1"}}',
    ],
    outcome: 'refused',
  },
];

const advice: readonly Scene[] = [
  {
    title: 'A pool that does not exist (yet)',
    story: 'It may be about to arrive from the same repository, so the Service is admitted and waits.',
    manifest: loadBalancer('team-a/early', { annotations: { [POOL]: 'later' } }),
    outcome: 'warned',
  },
  {
    title: 'A sharing key that looks like a list',
    story: 'It is legal, and probably not what was meant.',
    manifest: loadBalancer('team-a/listed', { annotations: { [KEY]: 'one,two' } }),
    outcome: 'warned',
  },
];

const peer = { myASN: 64512, peerASN: 64513, peerAddress: '10.0.0.1' };

const platform: readonly Scene[] = [
  {
    title: 'A range that can’t be read',
    story: 'An address without a prefix length.',
    manifest: pool('new', { addresses: ['192.0.2.77'] }),
    outcome: 'refused',
  },
  {
    title: 'A pool over another pool',
    story: 'The ranges overlap.',
    manifest: pool('new', { addresses: ['192.0.2.8-192.0.2.40'] }),
    outcome: 'refused',
  },
  {
    title: 'A pool that nobody can own',
    story: 'All of IPv4, and loopback.',
    manifest: pool('new', { addresses: ['0.0.0.0/0', '127.0.0.0/24'] }),
    outcome: 'refused',
  },
  {
    title: 'A pool that is in use is deleted',
    story: 'The Services that would lose their addresses are listed.',
    command: ['delete', 'ipaddresspool', 'edge', ...SYSTEM],
    outcome: 'refused',
  },
  {
    title: 'A pool that is in use shrinks',
    story: 'Only the Services outside the new range are listed.',
    manifest: pool('edge', { addresses: ['192.0.2.0/31'] }),
    outcome: 'refused',
  },
  {
    title: 'Two policies that contradict each other',
    story: 'Both match the same Services at the same priority, and give different pools.',
    manifest: configured('berth.dev/v1alpha1', 'AddressPolicy', 'new', {
      match: { categories: ['database'] },
      pools: ['edge'],
    }),
    outcome: 'refused',
  },
  {
    title: 'A reservation over another one',
    story: 'Two namespaces can’t both have the address kept for them.',
    manifest: configured('berth.dev/v1alpha1', 'AddressReservation', 'new', {
      addresses: ['192.0.2.14/32'],
      namespace: 'team-a',
    }),
    outcome: 'refused',
  },
  {
    title: 'A reservation over an address in use',
    story: 'It is admitted; the holder keeps the address until it releases it.',
    manifest: configured('berth.dev/v1alpha1', 'AddressReservation', 'ingress', {
      addresses: ['192.0.2.1/32'],
      namespace: 'team-a',
    }),
    outcome: 'warned',
  },
  {
    title: 'A BGP peer with two passwords',
    story: 'One in the object and one in a Secret.',
    manifest: configured('metallb.io/v1beta2', 'BGPPeer', 'router', {
      ...peer,
      password: 'example',
      passwordSecret: { name: 'router' },
    }),
    outcome: 'refused',
  },
  {
    title: 'An advertisement of a pool that does not exist',
    story: 'The pool may be about to arrive, so the advertisement is admitted.',
    manifest: configured('metallb.io/v1beta1', 'L2Advertisement', 'later', { ipAddressPools: ['later'] }),
    outcome: 'warned',
  },
  {
    title: 'Configuration in another namespace',
    story: 'Berth reads its own namespace alone.',
    manifest: {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'stray', namespace: 'team-a' },
      spec: { addresses: ['198.18.0.0/28'] },
    },
    outcome: 'warned',
  },
];

const privileges: readonly Scene[] = [
  {
    title: 'A namespace label that gives a pool, without the right to it',
    story: 'With the component `namespace-label-privilege`, the label needs the verb `use` on the pool.',
    manifest: namespace('mine', { 'berth.dev/pool': 'payments' }),
    outcome: 'refused',
    asDeveloper: true,
  },
];

export const chapters: readonly Chapter[] = [
  { title: 'New Services', scenes: newServices },
  { title: 'Edits of Services that run', scenes: edits },
  { title: 'Services that are admitted with a warning', scenes: advice },
  { title: 'Configuration', scenes: platform },
  { title: 'Privileges', scenes: privileges },
];
