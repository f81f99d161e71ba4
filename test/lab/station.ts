/** A machine of the lab that sends frames of a test's own making. */
import type { Lab } from '../../lab/lab.ts';
import { arpFilter } from '../../src/core/l2/socket-filter.ts';
import { type Mac, parseMac } from '../../src/core/net/mac.ts';
import { ETHER_TYPE_ARP } from '../../src/core/wire/ethernet.ts';
import { PacketSocket } from '../../src/speaker/l2/packet-socket.ts';
import { inNamespace } from '../wire/namespaces.ts';
import { known } from './cluster.ts';

export interface Station extends Disposable {
  readonly mac: Mac;
  send(frame: Uint8Array): void;
}

/** Opens the cable of "client" or "router", which must be on; it hears nothing. */
export async function openStation(lab: Lab, name: string): Promise<Station> {
  const { namespace, mac } = lab.machine(name);
  const [link] = JSON.parse((await lab.exec(name, ['ip', '-json', 'link', 'show', 'dev', 'eth0'])).stdout);
  const socket = inNamespace(namespace, () => new PacketSocket(link.ifindex, ETHER_TYPE_ARP, arpFilter([])));
  return {
    mac: known(parseMac(mac)),
    send: (frame) => socket.send(frame),
    [Symbol.dispose]: () => socket.close(),
  };
}
