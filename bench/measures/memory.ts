/** The controller's memory at 3,000 Services, and after minutes of churn. */
import { berth } from '../contenders/berth.ts';
import { type Contender, residentMebibytes } from '../contenders/contender.ts';
import { metallb } from '../contenders/metallb.ts';
import { type Figure, round, spread } from '../figure.ts';
import { AddressWatch, createServices, deleteServices } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

interface Found {
  readonly full: number;
  /** One value for each tenth of the churn. */
  readonly churn: readonly number[];
}

export async function memory(options: MeasureOptions): Promise<Figure[]> {
  const services = options.quick ? 500 : 3_000;
  const churnMinutes = options.quick ? 0.5 : 10;
  const ours = await measure(berth(), services, churnMinutes);
  const peers = await measure(metallb, services, 0);
  const first = ours.churn[1] ?? ours.full;
  const last = ours.churn.at(-1) ?? ours.full;
  return [
    {
      name: `controller's resident memory at ${services} Services`,
      unit: 'MiB',
      berth: spread([ours.full]),
      floor: undefined,
      peers: { [metallb.name]: peers.full },
      goal: `≤ 150 MiB (${round(ours.full)} MiB)`,
      met: ours.full <= 150,
    },
    {
      name: `controller's resident memory over ${churnMinutes} min of churn`,
      unit: 'MiB',
      berth: spread(ours.churn),
      floor: undefined,
      peers: {},
      goal: `flat: the end within 10 % of the beginning (${round(last / first)} ×), ≤ 150 MiB`,
      met: last / first <= 1.1 && last <= 150,
    },
  ];
}

function measure(contender: Contender, services: number, churnMinutes: number): Promise<Found> {
  return onGround(contender, async (ground, running) => {
    const watch = new AddressWatch(ground);
    await watch.synced;
    await createServices(ground, watch, { services, writers: 32 });
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const full = residentMebibytes(running.pid);
    const churn: number[] = [];
    for (let tenth = 0; tenth < 10 && churnMinutes > 0; tenth++) {
      const end = performance.now() + churnMinutes * 6_000;
      for (let batch = 0; performance.now() < end; batch++) {
        const prefix = `churn-${tenth}-${batch}`;
        await createServices(ground, watch, { services: 50, writers: 8, perSecond: 50, prefix });
        await deleteServices(
          ground,
          Array.from({ length: 50 }, (_, index) => `${prefix}-${index}`),
          8,
        );
      }
      churn.push(residentMebibytes(running.pid));
    }
    await watch.close();
    return { full, churn };
  });
}
