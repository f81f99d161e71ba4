/** The allocator alone, as figures of the bench. */
import { measureAllocator } from '../allocator.ts';
import { type Figure, round, spread } from '../figure.ts';
import type { MeasureOptions } from '../measure.ts';

export function allocator(options: MeasureOptions): Promise<Figure[]> {
  const figures = measureAllocator(options.rounds).map(({ name, unit, values, goal }) => {
    const found = spread(values);
    return {
      name: `allocator: ${name}`,
      unit,
      berth: found,
      floor: undefined,
      peers: {},
      goal: goal === undefined ? 'none set' : `≤ ${goal} ${unit} (${round(found.median)} ${unit})`,
      met: goal === undefined || found.median <= goal,
    };
  });
  return Promise.resolve(figures);
}
