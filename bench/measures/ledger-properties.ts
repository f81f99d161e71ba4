/** A million random operations on the ledger against its naive model: no address twice, none outside its pool, and so on. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Figure, spread } from '../figure.ts';
import { project } from '../ground.ts';
import type { MeasureOptions } from '../measure.ts';

const properties = 'src/core/ipam/ledger-properties.test.ts';

export function ledgerProperties(options: MeasureOptions): Promise<Figure[]> {
  const operations = options.quick ? 100_000 : 1_000_000;
  const { status, stdout, error } = spawnSync(process.execPath, ['--test', join(project, properties)], {
    env: { ...process.env, BERTH_PROPERTY_OPERATIONS: String(operations) },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  const held = status === 0;
  // What broke, with its seed, is in the runner's own words.
  if (!held) console.error(stdout);
  return Promise.resolve([
    {
      name: 'random operations on the ledger that kept every rule of its model',
      unit: 'operations',
      berth: spread([held ? operations : 0]),
      floor: undefined,
      peers: {},
      goal: `all ${operations}`,
      met: held,
    },
  ]);
}
