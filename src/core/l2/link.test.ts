import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../net/address.ts';
import { parsePrefix } from '../net/prefix.ts';
import { chooseLinks, type Link } from './link.ts';
import { linksOf } from './links-of.ts';

function link(name: string, prefixes: readonly string[], over: Partial<Link> = {}): Link {
  return {
    index: name.length,
    name,
    mac: { value: 1 },
    isUp: true,
    canAnnounce: true,
    prefixes: prefixes.map((text) => {
      const parsed = parsePrefix(text);
      assert.ok(parsed.ok);
      return parsed.value;
    }),
    ...over,
  };
}

const LAN = link('eth0', ['192.0.2.0/24', '2001:db8::/64']);
const STORAGE = link('eth1', ['10.9.0.0/16']);
const PODS = link('cni0', ['10.1.0.0/24']);

interface Row {
  readonly name: string;
  readonly address?: string;
  readonly allowed?: readonly string[];
  readonly links: readonly Link[];
  /** Names, or why none. */
  readonly chosen: readonly string[] | 'NoSuchInterface' | 'LinkDown';
  readonly isOnSubnet?: boolean;
}

const ROWS: readonly Row[] = [
  { name: 'the interface whose subnet holds the address', links: [LAN, STORAGE], chosen: ['eth0'], isOnSubnet: true },
  {
    name: 'each family by its own subnet',
    address: '2001:db8::5',
    links: [STORAGE, LAN],
    chosen: ['eth0'],
    isOnSubnet: true,
  },
  {
    name: 'every outward one where no subnet holds it',
    address: '198.51.100.1',
    links: [LAN, STORAGE, PODS],
    chosen: ['eth0', 'eth1'],
    isOnSubnet: false,
  },
  {
    name: 'the ones that are named, on their subnet or not',
    allowed: ['eth1'],
    links: [LAN, STORAGE],
    chosen: ['eth1'],
    isOnSubnet: false,
  },
  {
    name: 'an inward one where it is named',
    allowed: ['cni0'],
    links: [LAN, PODS],
    chosen: ['cni0'],
    isOnSubnet: false,
  },
  { name: 'none where the named one does not exist', allowed: ['bond0'], links: [LAN], chosen: 'NoSuchInterface' },
  { name: 'none where only pods are reached', links: [PODS], chosen: 'NoSuchInterface' },
  {
    name: 'none where the fitting one is down, though another is up',
    links: [{ ...LAN, isUp: false }, STORAGE],
    chosen: 'LinkDown',
  },
  {
    name: 'none on an interface that is no Ethernet',
    links: [{ ...LAN, canAnnounce: false }],
    chosen: 'NoSuchInterface',
  },
];

for (const row of ROWS) {
  test(`interfaces: ${row.name}`, () => {
    const address = parseAddress(row.address ?? '192.0.2.10');
    assert.ok(address.ok);
    const choice = chooseLinks(address.value, row.allowed ?? [], row.links);
    if (choice.kind === 'none') assert.equal(choice.reason, row.chosen);
    else {
      assert.deepEqual(
        choice.links.map((each) => each.name),
        row.chosen,
      );
      assert.equal(choice.isOnSubnet, row.isOnSubnet);
    }
  });
}

const KERNEL = {
  kind: 'link' as const,
  mac: { value: 2 },
  hardwareType: 1,
  flags: 0x11043,
  master: undefined,
  linkKind: undefined,
};
const UP = 0x1 | 0x10000;

const LINKS: readonly (readonly [string, object, { readonly isUp: boolean; readonly canAnnounce: boolean }])[] = [
  ['up with carrier', {}, { isUp: true, canAnnounce: true }],
  ['up without carrier', { flags: 0x1 }, { isUp: false, canAnnounce: true }],
  ['down', { flags: 0x10000 }, { isUp: false, canAnnounce: true }],
  ['the loopback', { flags: UP | 0x8 }, { isUp: true, canAnnounce: false }],
  ['one that does no ARP', { flags: UP | 0x80 }, { isUp: true, canAnnounce: false }],
  ['a tunnel', { hardwareType: 768 }, { isUp: true, canAnnounce: false }],
  ['a port of a bridge', { master: 9 }, { isUp: true, canAnnounce: false }],
  ['a member of a VRF', { master: 8 }, { isUp: true, canAnnounce: true }],
];

for (const [name, over, expected] of LINKS) {
  test(`the kernel’s interface: ${name}`, () => {
    const links = linksOf(
      [
        { ...KERNEL, index: 2, name: 'eth0', ...over },
        { ...KERNEL, index: 8, name: 'vrf0', linkKind: 'vrf' },
        { ...KERNEL, index: 9, name: 'br0', linkKind: 'bridge' },
      ],
      [{ index: 2, address: { family: 'IPv4', value: 0xc0000201n }, prefixLength: 24 }],
    );
    const { isUp, canAnnounce, prefixes } = links[0] ?? assert.fail('no link');
    assert.deepEqual({ isUp, canAnnounce }, expected);
    assert.deepEqual(prefixes, [{ family: 'IPv4', value: 0xc0000200n, length: 24 }]);
  });
}
