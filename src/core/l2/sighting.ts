/** What one frame says about IP addresses and hardware addresses. */
import type { Address } from '../net/address.ts';
import { isGroupMac, type Mac, sameMac } from '../net/mac.ts';
import { fail, ok } from '../result.ts';
import { decodeArp } from '../wire/arp.ts';
import type { Decoded } from '../wire/decoded.ts';
import { decodeEthernet, ETHER_TYPE_ARP, ETHER_TYPE_IPV6, type EthernetFrame } from '../wire/ethernet.ts';
import { decodeNdp } from '../wire/ndp.ts';

export interface Asker {
  readonly mac: Mac;
  /** 0.0.0.0 or :: in a probe: the asker wants the address for itself. */
  readonly address: Address;
}

export interface Sighting {
  /** The hardware address that sent the frame. */
  readonly source: Mac;
  /** Somebody asks who has this address. */
  readonly question: { readonly target: Address; readonly asker: Asker } | undefined;
  /** Somebody says that this address is at this hardware address. */
  readonly claim: { readonly address: Address; readonly mac: Mac } | undefined;
}

/** Reads a frame of ARP or Neighbor Discovery; anything else is a named fault. */
export function readSighting(bytes: Uint8Array): Decoded<Sighting> {
  const frame = decodeEthernet(bytes);
  if (!frame.ok) return frame;
  switch (frame.value.etherType) {
    case ETHER_TYPE_ARP:
      return readArp(frame.value);
    case ETHER_TYPE_IPV6:
      return readNdp(frame.value);
    default:
      return fail('foreign-ether-type');
  }
}

function readArp(frame: EthernetFrame): Decoded<Sighting> {
  const decoded = decodeArp(frame.payload);
  if (!decoded.ok) return decoded;
  const { operation, senderMac, senderAddress, targetAddress } = decoded.value;
  const isProbe = senderAddress.value === 0n;
  // An announcement (RFC 5227, section 2.3) asks for its own address: it claims and asks nothing.
  const asks = operation === 'request' && senderAddress.value !== targetAddress.value;
  return ok({
    source: frame.source,
    question: asks ? { target: targetAddress, asker: { mac: senderMac, address: senderAddress } } : undefined,
    claim: isProbe ? undefined : { address: senderAddress, mac: senderMac },
  });
}

function readNdp(frame: EthernetFrame): Decoded<Sighting> {
  const decoded = decodeNdp(frame.payload);
  if (!decoded.ok) return decoded;
  const { source, message } = decoded.value;
  switch (message.kind) {
    case 'neighbor-solicitation': {
      const mac = message.options.find((each) => each.kind === 'source-link-layer')?.mac ?? frame.source;
      if (isGroupMac(mac)) return fail('group-sender');
      const question = { target: message.target, asker: { mac, address: source } };
      // Without the option the frame may have come through a proxy: nothing is claimed.
      const claims = source.value !== 0n && sameMac(mac, frame.source);
      return ok({ source: frame.source, question, claim: claims ? { address: source, mac } : undefined });
    }
    case 'neighbor-advertisement': {
      const mac = message.options.find((each) => each.kind === 'target-link-layer')?.mac ?? frame.source;
      if (isGroupMac(mac)) return fail('group-sender');
      return ok({ source: frame.source, question: undefined, claim: { address: message.target, mac } });
    }
  }
}
