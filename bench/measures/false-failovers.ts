/** Speakers that were taken for dead, and addresses that moved, while nothing failed but every core was busy. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.ts';
import { metricNames } from '../../src/telemetry/metric-names.ts';
import { speakerMetrics } from '../../test/lab/cluster.ts';
import { type Figure, spread } from '../figure.ts';
import { onLab } from '../lab-ground.ts';
import type { MeasureOptions } from '../measure.ts';

export function falseFailovers({ quick }: MeasureOptions): Promise<Figure[]> {
  const minutes = quick ? 0.5 : 10;
  return onLab(async ({ lab }) => {
    const [deathsBefore, movesBefore] = [await deaths(lab), await moves(lab)];
    const burners = Array.from({ length: availableParallelism() }, burn);
    try {
      await sleep(minutes * 60_000);
    } finally {
      for (const burner of burners) burner.kill('SIGKILL');
    }
    const figure = (name: string, value: number): Figure => ({
      name: `${name} in ${minutes} min with every core saturated`,
      unit: 'times',
      berth: spread([value]),
      floor: undefined,
      peers: {},
      goal: '0',
      met: value === 0,
    });
    return [
      figure('speakers taken for dead', (await deaths(lab)) - deathsBefore),
      figure('addresses that moved', (await moves(lab)) - movesBefore),
    ];
  });
}

/** A process that never waits, and dies with the benchmark. */
function burn() {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' });
}

function deaths(lab: Lab): Promise<number> {
  return sum(lab, new RegExp(`^${metricNames.speakerVerdicts}\\{[^}]*verdict="dead"[^}]*\\} (\\d+)$`, 'gm'));
}

function moves(lab: Lab): Promise<number> {
  return sum(lab, new RegExp(`^${metricNames.failovers}\\{[^}]*\\} (\\d+)$`, 'gm'));
}

/** The values of a metric over all speakers. */
async function sum(lab: Lab, pattern: RegExp): Promise<number> {
  let total = 0;
  for (const page of await speakerMetrics(lab)) for (const [, value] of page.matchAll(pattern)) total += Number(value);
  return total;
}
