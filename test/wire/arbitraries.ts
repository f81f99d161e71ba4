/** Random values of the wire, for property tests. */
import fc from 'fast-check';
import type { Address } from '../../src/core/net/address.ts';
import type { Mac } from '../../src/core/net/mac.ts';

export const ipv4: fc.Arbitrary<Address> = fc
  .bigInt({ min: 0n, max: 2n ** 32n - 1n })
  .map((value) => ({ family: 'IPv4', value }));

/** Every IPv6 address that isn't a group, the unspecified one left out. */
export const ipv6: fc.Arbitrary<Address> = fc
  .bigInt({ min: 1n, max: 0xffn * 2n ** 120n - 1n })
  .map((value) => ({ family: 'IPv6', value }));

export const mac: fc.Arbitrary<Mac> = fc.nat({ max: 2 ** 31 - 1 }).map((low) => ({ value: 0x02_00_00_00_00_00 + low }));

export const anyMac: fc.Arbitrary<Mac> = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map((value) => ({ value }));
