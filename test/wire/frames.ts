/** Frames that stations of the tests send, and what they make of those that they hear. */
import assert from 'node:assert/strict';
import { readSighting } from '../../src/core/l2/sighting.ts';
import { type Address, formatAddress, parseAddress } from '../../src/core/net/address.ts';
import { broadcastMac, formatMac, type Mac } from '../../src/core/net/mac.ts';
import { encodeArp } from '../../src/core/wire/arp.ts';
import { ETHER_TYPE_ARP, encodeEthernet } from '../../src/core/wire/ethernet.ts';

export function at(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

/** `sender`, at `mac`, asks everybody where `target` is. */
export function arpQuestion(mac: Mac, sender: string, target: string): Uint8Array {
  return encodeEthernet({
    destination: broadcastMac,
    source: mac,
    etherType: ETHER_TYPE_ARP,
    payload: encodeArp({
      operation: 'request',
      senderMac: mac,
      senderAddress: at(sender),
      targetMac: { value: 0 },
      targetAddress: at(target),
    }),
  });
}

/** Where a frame says that an address is; undefined where it says nothing of it. */
export function placeOf(frame: Uint8Array, address: string): string | undefined {
  const sighting = readSighting(frame);
  const claim = sighting.ok ? sighting.value.claim : undefined;
  return claim !== undefined && formatAddress(claim.address) === address ? formatMac(claim.mac) : undefined;
}
