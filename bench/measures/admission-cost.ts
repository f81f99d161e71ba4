/** What the webhooks add to a create: the same load with and without them. */
import { berth } from '../contenders/berth.ts';
import { type Figure, quantile, round, spread } from '../figure.ts';
import { AddressWatch, createServices } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

const perSecond = 200;

export async function admissionCost(options: MeasureOptions): Promise<Figure[]> {
  const services = options.quick ? 400 : 2_000;
  const added: number[] = [];
  const without: number[] = [];
  for (let number = 0; number < options.rounds; number++) {
    const bare = await p99(false, services);
    without.push(bare);
    added.push((await p99(true, services)) - bare);
  }
  const values = spread(added);
  return [
    {
      name: `admission added to a create, ${perSecond} a second, p99`,
      unit: 'ms',
      berth: values,
      floor: spread(without).median,
      peers: {},
      goal: `≤ 5 ms over no webhook (${round(values.median)} ms)`,
      // A cost below nothing is noise as large as the goal: no result.
      met: Math.abs(values.median) <= 5,
    },
  ];
}

function p99(webhooks: boolean, services: number): Promise<number> {
  return onGround(berth({ webhooks }), async (ground) => {
    const watch = new AddressWatch(ground);
    await watch.synced;
    // Connections and compiled code are warm in a cluster that has run for a minute.
    await createServices(ground, watch, { services: 200, writers: 32, perSecond, prefix: 'warm' });
    const { toAnswer } = await createServices(ground, watch, { services, writers: 32, perSecond });
    await watch.close();
    return quantile(toAnswer, 0.99);
  });
}
