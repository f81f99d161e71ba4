import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectErrors, expectWarnings, objectWith, readSound } from '../../../test/support/config-rows.ts';
import { readBgpAdvertisement } from './bgp-advertisement.ts';
import { type CommunityValue, formatCommunity } from './community.ts';
import type { Report } from './report.ts';

const aliases = new Map<string, CommunityValue>([
  ['edge', { kind: 'standard', global: 64512, local: 1 }],
  ['1:1', { kind: 'standard', global: 2, local: 2 }],
]);
const read = (object: unknown, report: Report) => readBgpAdvertisement(object, aliases, report);

test('an empty advertisement sends one route an address to every peer', () => {
  const advertisement = readSound(read, objectWith({}));
  assert.equal(advertisement.aggregationLength, 32);
  assert.equal(advertisement.aggregationLengthV6, 128);
  assert.equal(advertisement.localPref, 0);
  assert.deepEqual(advertisement.communities, []);
  assert.deepEqual(advertisement.peers, []);
});

test('communities are read as literals and as aliases, aliases first', () => {
  const { communities, absentCommunities } = readSound(
    read,
    objectWith({ communities: ['edge', '64512:2', 'large:1:2:3', '1:1', 'to-come'] }),
  );
  assert.deepEqual(communities.map(formatCommunity), ['64512:1', '64512:2', 'large:1:2:3', '2:2']);
  assert.deepEqual(absentCommunities, ['to-come']);
});

test('malformed advertisements are refused', async (t) => {
  await expectErrors(t, read, {}, [
    ['an aggregation length of 0', { aggregationLength: 0 }, 'spec.aggregationLength', /from 1 to 32/],
    ['an aggregation length of 33', { aggregationLength: 33 }, 'spec.aggregationLength', /from 1 to 32/],
    ['an aggregation length in quotes', { aggregationLength: '24' }, 'spec.aggregationLength', /whole number/],
    ['an IPv6 aggregation length of 129', { aggregationLengthV6: 129 }, 'spec.aggregationLengthV6', /from 1 to 128/],
    ['a negative IPv6 aggregation length', { aggregationLengthV6: -1 }, 'spec.aggregationLengthV6', /from 1 to 128/],
    ['a negative preference', { localPref: -1 }, 'spec.localPref', /from 0 to 4294967295/],
    ['a preference beyond 32 bits', { localPref: 4294967296 }, 'spec.localPref', /from 0 to 4294967295/],
    ['a community that does not fit', { communities: ['65536:1'] }, 'spec.communities', /65535/],
    ['a community of the wrong form', { communities: ['1:2:3'] }, 'spec.communities', /two numbers/],
    ['a large community without its word', { communities: ['1:2:3:4'] }, 'spec.communities', /"large"/],
    ['a community twice', { communities: ['1:2', '1:2'] }, 'spec.communities[1]', /twice/],
    ['a community that is a number', { communities: [1] }, 'spec.communities[0]', /non-empty string/],
    ['a pool twice', { ipAddressPools: ['a', 'a'] }, 'spec.ipAddressPools[1]', /twice/],
    ['a peer twice', { peers: ['a', 'a'] }, 'spec.peers[1]', /twice/],
    ['a peer that no peer can be called', { peers: ['10.0.0.1:179'] }, 'spec.peers', /no valid object name/],
    ['peers that are no list', { peers: 'a' }, 'spec.peers', /must be a list/],
    [
      'a pool selector twice',
      { ipAddressPoolSelectors: [{ matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }] },
      'spec.ipAddressPoolSelectors[1]',
      /twice/,
    ],
    [
      'Service selectors beside an aggregation',
      { serviceSelectors: [{}], aggregationLength: 24 },
      'spec.aggregationLength',
      /route of its own/,
    ],
    [
      'Service selectors beside an IPv6 aggregation',
      { serviceSelectors: [{}], aggregationLengthV6: 64 },
      'spec.aggregationLengthV6',
      /route of its own/,
    ],
  ]);
});

test('Service selectors beside the default aggregation are sound', () => {
  readSound(read, objectWith({ serviceSelectors: [{}], aggregationLength: 32, aggregationLengthV6: 128 }));
});

test('an alias that nobody gives yet is warned of', async (t) => {
  await expectWarnings(t, read, {}, [
    ['an unknown alias', { communities: ['no-such'] }, 'spec.communities', /no alias of a Community yet/],
    ['an inherited word', { communities: ['constructor'] }, 'spec.communities', /no alias of a Community yet/],
  ]);
});
