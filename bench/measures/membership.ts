/** What it costs speakers to watch each other, and how soon all know of a death: clusters on a simulated wire. */
import { DEAD_AFTER_MS } from '../../src/core/l2/suspicion.ts';
import { SimulatedCluster } from '../../test/wire/simulated-cluster.ts';
import { type Figure, round, spread } from '../figure.ts';
import type { MeasureOptions } from '../measure.ts';

const sizes = [3, 50, 500] as const;
const [startedMs, countedMs, longestMs] = [1_500, 1_000, 5_000];

interface Cost {
  /** Messages sent a second, by each node. */
  readonly sent: readonly number[];
  /** From the death until the last node that lives knows. */
  readonly knownAfterMs: number;
}

export function membership(_: MeasureOptions): Promise<Figure[]> {
  const costs = sizes.map((size) => ({ size, ...costOf(size) }));
  const least = spread(costs[1]!.sent).median;
  return Promise.resolve([
    ...costs.map(({ size, sent }): Figure => {
      const median = spread(sent).median;
      return {
        name: `heartbeats sent by a node of ${size}`,
        unit: 'per s',
        berth: spread(sent),
        floor: undefined,
        peers: {},
        goal: `flat: no more than 1.1 × that of 50 nodes (${round(median / least)} ×)`,
        met: median <= least * 1.1,
      };
    }),
    ...costs.map(
      ({ size, knownAfterMs }): Figure => ({
        name: `a node of ${size} dies → all know`,
        unit: 'ms',
        berth: spread([knownAfterMs]),
        floor: undefined,
        peers: {},
        goal: `≤ 2 × detection (${2 * DEAD_AFTER_MS} ms)`,
        met: knownAfterMs <= 2 * DEAD_AFTER_MS,
      }),
    ),
  ]);
}

/** Time is the simulation's: the load of the machine changes nothing here. */
function costOf(size: number): Cost {
  const names = Array.from({ length: size }, (_, at) => `node-${at}`);
  const cluster = new SimulatedCluster(names);
  cluster.run(startedMs);
  cluster.sent.clear();
  cluster.run(countedMs);
  const sent = names.map((name) => ((cluster.sent.get(name) ?? 0) * 1_000) / countedMs);
  const [dead = '', ...living] = names;
  cluster.kill(dead);
  const diedAt = cluster.now;
  while (living.some((name) => !cluster.node(name).verdicts.includes(`${dead} dead`))) {
    if (cluster.now - diedAt > longestMs) throw new Error(`not all of ${size} nodes knew within ${longestMs} ms`);
    cluster.run(5);
  }
  return { sent, knownAfterMs: cluster.now - diedAt };
}
