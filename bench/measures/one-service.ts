/** One Service at a time on an idle cluster: from the create until the address is seen. */
import { berth } from '../contenders/berth.ts';
import type { Contender } from '../contenders/contender.ts';
import { floor } from '../contenders/floor.ts';
import { metallb } from '../contenders/metallb.ts';
import { type Figure, quantile, round, spread } from '../figure.ts';
import { AddressWatch, createServices } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

export async function oneService(options: MeasureOptions): Promise<Figure[]> {
  const services = options.quick ? 50 : 300;
  const p99s: Record<'floor' | 'berth' | 'peer', number[]> = { floor: [], berth: [], peer: [] };
  for (let number = 0; number < options.rounds; number++) {
    p99s.floor.push(await p99(floor, services));
    p99s.berth.push(await p99(berth(), services));
    p99s.peer.push(await p99(metallb, services));
  }
  const values = spread(p99s.berth);
  const floorMs = spread(p99s.floor).median;
  const added = values.median - floorMs;
  return [
    {
      name: 'one Service on an idle cluster, create to address, p99',
      unit: 'ms',
      berth: values,
      floor: floorMs,
      peers: { [metallb.name]: spread(p99s.peer).median },
      goal: `≤ floor + 10 ms (+ ${round(added)} ms)`,
      met: added <= 10,
    },
  ];
}

function p99(contender: Contender, services: number): Promise<number> {
  return onGround(contender, async (ground) => {
    const watch = new AddressWatch(ground);
    await watch.synced;
    // A rhythm at which each is done long before the next begins; the first ones warm everybody's code up.
    const load = { writers: 1, perSecond: 10 };
    await createServices(ground, watch, { ...load, services: 50, prefix: 'warm' });
    const { toAddress } = await createServices(ground, watch, { ...load, services });
    await watch.close();
    return quantile(toAddress, 0.99);
  });
}
