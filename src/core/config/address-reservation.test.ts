import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectErrors, expectWarnings, objectWith, readSound } from '../../../test/support/config-rows.ts';
import { formatRange } from '../net/range.ts';
import { readReservation } from './address-reservation.ts';

const sound = { addresses: ['192.0.2.10'], namespace: 'team-a' };

test('a reservation takes single addresses, prefixes and ranges', () => {
  const reservation = readSound(
    readReservation,
    objectWith({ ...sound, addresses: ['2001:db8::1', '192.0.2.10', '192.0.2.20-192.0.2.22', '198.51.100.0/30'] }),
  );
  assert.deepEqual(reservation.ranges.map(formatRange), [
    '192.0.2.10/32',
    '192.0.2.20-192.0.2.22',
    '198.51.100.0/30',
    '2001:db8::1/128',
  ]);
  assert.equal(reservation.namespace, 'team-a');
  assert.equal(reservation.service, undefined);
  assert.equal(reservation.expiresAt, undefined);
  assert.equal(reservation.holdDown, false);
});

test('a hold-down has a Service and an end', () => {
  const reservation = readSound(
    readReservation,
    objectWith({ ...sound, service: 'web', expiresAt: '2030-01-31T12:00:00Z', holdDown: true }),
  );
  assert.equal(reservation.service, 'web');
  assert.equal(reservation.expiresAt, Date.UTC(2030, 0, 31, 12));
  assert.equal(reservation.holdDown, true);
  assert.equal(reservation.contestedBy, undefined);
});

test('a hold-down may say which stranger has the addresses', () => {
  const hold = { ...sound, service: 'web', expiresAt: '2030-01-31T12:00:00Z', holdDown: true };
  const reservation = readSound(readReservation, objectWith({ ...hold, contestedBy: '02:00:00:00:00:ee' }));
  assert.equal(reservation.contestedBy, '02:00:00:00:00:ee');
});

test('malformed reservations are refused', async (t) => {
  const hold = { holdDown: true, service: 'web', expiresAt: '2030-01-01T00:00:00Z' };
  await expectErrors(t, readReservation, sound, [
    ['no addresses', { addresses: undefined }, 'spec.addresses', /has no addresses/],
    ['an empty list', { addresses: [] }, 'spec.addresses', /has no addresses/],
    ['text in place of the list', { addresses: '192.0.2.10' }, 'spec.addresses', /must be a list/],
    ['a number', { addresses: [1] }, 'spec.addresses[0]', /must be text/],
    ['a host name', { addresses: ['web.example.com'] }, 'spec.addresses[0]', /./],
    ['everything', { addresses: ['0.0.0.0/0'] }, 'spec.addresses[0]', /whole of IPv4/],
    ['loopback', { addresses: ['127.0.0.1'] }, 'spec.addresses[0]', /own node/],
    ['an address twice', { addresses: ['192.0.2.1', '192.0.2.1'] }, 'spec.addresses[1]', /overlaps/],
    ['an address inside a range', { addresses: ['192.0.2.1', '192.0.2.0/28'] }, 'spec.addresses[0]', /overlaps/],
    ['no namespace', { namespace: undefined }, 'spec.namespace', /is missing/],
    ['an empty namespace', { namespace: '' }, 'spec.namespace', /is missing/],
    ['a namespace in capitals', { namespace: 'Team-A' }, 'spec.namespace', /no valid namespace name/],
    ['a namespace that is a list', { namespace: ['a'] }, 'spec.namespace', /must be a string/],
    ['a Service with its namespace', { service: 'team-a/web' }, 'spec.service', /no valid service name/],
    ['an end without time of day', { expiresAt: '2030-01-31' }, 'spec.expiresAt', /no RFC 3339 time/],
    ['an end as a number', { expiresAt: 1893456000 }, 'spec.expiresAt', /must be a string/],
    ['an end on a day that is none', { expiresAt: '2030-02-30T00:00:00Z' }, 'spec.expiresAt', /no day 30/],
    ['a hold-down in words', { ...hold, holdDown: 'yes' }, 'spec.holdDown', /must be true or false/],
    ['a hold-down without an end', { ...hold, expiresAt: undefined }, 'spec.expiresAt', /a hold-down needs it/],
    ['a stranger without a hold-down', { contestedBy: '02:00:00:00:00:ee' }, 'spec.contestedBy', /only in a hold-down/],
    ['a hold-down without a Service', { ...hold, service: undefined }, 'spec.service', /a hold-down needs it/],
  ]);
});

test('what is legal and unwise is warned of', async (t) => {
  await expectWarnings(t, readReservation, sound, [
    ['host bits in a prefix', { addresses: ['192.0.2.9/30'] }, 'spec.addresses[0]', /taken as its network/],
    ['a misspelt field', { expires: 'never' }, 'spec.expires', /no field/],
  ]);
});
