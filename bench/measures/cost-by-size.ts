/** The controller's CPU for one more Service, with few and with ten times as many there already. */
import { readFileSync } from 'node:fs';
import { berth } from '../contenders/berth.ts';
import { type Figure, round, spread } from '../figure.ts';
import { AddressWatch, createServices } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

export async function costBySize(options: MeasureOptions): Promise<Figure[]> {
  const few = options.quick ? 100 : 500;
  const ratios: number[] = [];
  for (let number = 0; number < options.rounds; number++) {
    ratios.push(
      await onGround(berth(), async (ground, running) => {
        const watch = new AddressWatch(ground);
        await watch.synced;
        const load = async (prefix: string, services: number): Promise<number> => {
          const before = cpuTicks(running.pid);
          await createServices(ground, watch, { services, writers: 16, perSecond: 100, prefix });
          return (cpuTicks(running.pid) - before) / services;
        };
        await load('warm', few);
        const small = await load('small', few);
        await load('fill', few * 8);
        const large = await load('large', few);
        await watch.close();
        return large / small;
      }),
    );
  }
  const values = spread(ratios);
  return [
    {
      name: `CPU for one more Service at ${few * 10} there, over that at ${few}`,
      unit: '×',
      berth: values,
      floor: undefined,
      peers: {},
      goal: `≤ 1.3 × (${round(values.median)} ×)`,
      met: values.median <= 1.3,
    },
  ];
}

/** User and system time of a process so far, in clock ticks (proc(5): fields 14 and 15 of stat). */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
