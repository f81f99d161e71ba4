/** A full pool with many waiting: from the release of an address until the first waiter has it. */

import { services } from '../../src/kube/resources.ts';
import { berth } from '../contenders/berth.ts';
import type { Contender } from '../contenders/contender.ts';
import { metallb } from '../contenders/metallb.ts';
import { type Figure, round, spread } from '../figure.ts';
import { NAMESPACE } from '../ground.ts';
import { AddressWatch, createServices, deleteServices, serviceManifest } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

const waiting = 244;

export async function releaseToWaiter(options: MeasureOptions): Promise<Figure[]> {
  const releases = options.quick ? 3 : 20;
  // Admission refuses what a full pool can't serve; waiters come about where it is down, as here.
  const ours = await times(berth({ webhooks: false }), releases);
  const peers = await times(metallb, Math.min(releases, 5));
  const values = spread(ours);
  return [
    {
      name: `release until a waiting Service has the address, ${waiting} waiting`,
      unit: 'ms',
      berth: values,
      floor: undefined,
      peers: { [metallb.name]: spread(peers).median },
      goal: `≤ 100 ms (${round(values.median)} ms)`,
      met: values.median <= 100,
    },
  ];
}

/** A /28 is full with 16; from each release until some waiter has the address, in ms. */
function times(contender: Contender, releases: number): Promise<number[]> {
  return onGround(
    contender,
    async (ground) => {
      const watch = new AddressWatch(ground);
      await watch.synced;
      await createServices(ground, watch, { services: 16, writers: 4, prefix: 'holder' });
      const names = Array.from({ length: waiting }, (_, index) => `waiter-${String(index).padStart(3, '0')}`);
      for (const name of names) {
        await ground.client.create({ resource: services, namespace: NAMESPACE }, serviceManifest(name));
      }
      const left = new Set(names);
      const found: number[] = [];
      for (let number = 0; number < Math.min(releases, 16); number++) {
        // Let whatever the last release set off come to rest.
        await new Promise((resolve) => setTimeout(resolve, 4_000));
        const abort = new AbortController();
        const first = Promise.race(
          [...left].map((name) => watch.arrival(name, abort.signal).then((at) => ({ name, at }))),
        );
        const released = performance.now();
        await deleteServices(ground, [`holder-${number}`]);
        const { name, at } = await first;
        abort.abort();
        left.delete(name);
        found.push(at - released);
      }
      await watch.close();
      return found;
    },
    { ranges: ['10.0.0.0/28'] },
  );
}
