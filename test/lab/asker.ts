/** A station on the lab's LAN that asks all the time who has some addresses, so that a capture shows who would answer. */
import type { Lab } from '../../lab/lab.ts';
import { type Address, parseAddress } from '../../src/core/net/address.ts';
import { broadcastMac, type Mac } from '../../src/core/net/mac.ts';
import { encodeArp } from '../../src/core/wire/arp.ts';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6, encodeEthernet } from '../../src/core/wire/ethernet.ts';
import { multicastMac, solicitedNodeGroup } from '../../src/core/wire/multicast.ts';
import { encodeNdp } from '../../src/core/wire/ndp.ts';
import { known } from './cluster.ts';
import { openStation } from './station.ts';

const EVERY_MS = 20;
const NOBODY: Mac = { value: 0 };

/**
 * Asks from the router's place, with its addresses: the client's own memory of
 * who is where stays as it is. The machine called "router" must be on.
 */
export async function startAsker(lab: Lab, addresses: readonly string[]): Promise<Disposable> {
  const station = await openStation(lab, 'router');
  const { address } = lab.machine('router');
  const questions = addresses.map((text) => {
    const target = known(parseAddress(text));
    return question(target, station.mac, known(parseAddress(target.family === 'IPv4' ? address.ipv4 : address.ipv6)));
  });
  const timer = setInterval(() => {
    for (const frame of questions) station.send(frame);
  }, EVERY_MS);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      station[Symbol.dispose]();
    },
  };
}

function question(target: Address, mac: Mac, asker: Address): Uint8Array {
  if (target.family === 'IPv4') {
    const packet = { senderMac: mac, senderAddress: asker, targetMac: NOBODY, targetAddress: target };
    const payload = encodeArp({ operation: 'request', ...packet });
    return encodeEthernet({ destination: broadcastMac, source: mac, etherType: ETHER_TYPE_ARP, payload });
  }
  const destination = solicitedNodeGroup(target);
  const options = [{ kind: 'source-link-layer', mac }] as const;
  const payload = encodeNdp({
    source: asker,
    destination,
    message: { kind: 'neighbor-solicitation', target, options },
  });
  return encodeEthernet({
    destination: multicastMac(destination),
    source: mac,
    etherType: ETHER_TYPE_IPV6,
    payload,
  });
}
