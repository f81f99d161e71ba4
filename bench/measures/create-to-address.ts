/** 3,000 Services by 32 writers: from the create until the address is seen, with webhooks in the path. */
import { berth } from '../contenders/berth.ts';
import type { Contender } from '../contenders/contender.ts';
import { floor } from '../contenders/floor.ts';
import { metallb } from '../contenders/metallb.ts';
import { type Figure, quantile, round, spread } from '../figure.ts';
import { AddressWatch, createServices } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

interface Times {
  readonly p50: number;
  readonly p99: number;
}

export async function createToAddress(options: MeasureOptions): Promise<Figure[]> {
  const services = options.quick ? 500 : 3_000;
  const berths: Times[] = [];
  const floors: Times[] = [];
  const peers = new Map<string, Times[]>();
  for (let roundNumber = 0; roundNumber < options.rounds; roundNumber++) {
    floors.push(await once(floor, services));
    berths.push(await once(berth(), services));
    for (const peer of [metallb, ...options.peers]) {
      const times = await once(peer, services);
      peers.set(peer.name, [...(peers.get(peer.name) ?? []), times]);
    }
  }
  return (['p50', 'p99'] as const).map((key) => {
    const values = spread(berths.map((times) => times[key]));
    const floorMs = spread(floors.map((times) => times[key])).median;
    const peerMs = new Map([...peers].map(([name, times]) => [name, spread(times.map((one) => one[key])).median]));
    const toFloor = values.median / floorMs;
    const toPeer = (peerMs.get(metallb.name) ?? Number.NaN) / values.median;
    return {
      name: `${services} Services by 32 writers, create to address, ${key}`,
      unit: 'ms',
      berth: values,
      floor: floorMs,
      peers: Object.fromEntries(peerMs),
      goal: `≤ 1.5 × the floor (${round(toFloor)} ×); ≥ 30 × faster than the peer (${round(toPeer)} ×)`,
      met: toFloor <= 1.5 && toPeer >= 30,
    };
  });
}

function once(contender: Contender, services: number): Promise<Times> {
  return onGround(contender, async (ground) => {
    const watch = new AddressWatch(ground);
    await watch.synced;
    const { toAddress } = await createServices(ground, watch, { services, writers: 32 });
    await watch.close();
    return { p50: quantile(toAddress, 0.5), p99: quantile(toAddress, 0.99) };
  });
}
