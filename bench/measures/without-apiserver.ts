/**
 * An apiserver that is down for minutes. Meanwhile every speaker but the
 * announcing one is killed and comes back by what it remembers; then the
 * announcing node's link is cut, while a client connects every 5 ms.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startApiserver, stopApiserver } from '../../lab/hurt/apiserver.ts';
import { cutLink, healLink } from '../../lab/hurt/link.ts';
import { monotonicMs } from '../../lab/hurt/outcomes.ts';
import { processesOf } from '../../lab/hurt/target.ts';
import { endProcesses } from '../../lab/machine/process-id.ts';
import { berthSpeakers, podOn } from '../contenders/speakers.ts';
import { type Figure, round, spread } from '../figure.ts';
import { announcer, connecting, onLab, outageAround } from '../lab-ground.ts';
import type { MeasureOptions } from '../measure.ts';

interface Found {
  /** While the apiserver was down and nothing else had failed. */
  readonly failed: number;
  /** The longest time without a connection around the cut. */
  readonly outageMs: number;
}

export async function withoutApiserver({ quick }: MeasureOptions): Promise<Figure[]> {
  const minutes = quick ? 0.5 : 5;
  const found = await outage(quick, minutes * 60_000);
  const common = { floor: undefined, peers: {} };
  return [
    {
      ...common,
      name: `failed connections in ${minutes} min without an apiserver, the other speakers killed meanwhile`,
      unit: 'connections',
      berth: spread([found.failed]),
      goal: '0 failed',
      met: found.failed === 0,
    },
    {
      ...common,
      name: `link of the announcing node cut after ${minutes} min without an apiserver → client connects`,
      unit: 'ms',
      berth: spread([found.outageMs]),
      goal: `≤ 400 ms (${round(found.outageMs)} ms)`,
      met: found.outageMs <= 400,
    },
  ];
}

function outage(quick: boolean, downMs: number): Promise<Found> {
  return onLab(async ({ lab, addresses: [address] }) =>
    connecting(lab, address!, async (client) => {
      const owner = await announcer(lab, address!);
      const others = lab.plan.nodes.filter(({ name }) => name !== owner);
      // Which processes they are only the apiserver can tell.
      const processes = await Promise.all(
        others.map(async ({ name }) =>
          processesOf(lab, `pod/metallb-system/${await podOn(lab, berthSpeakers(quick), name)}`),
        ),
      );
      const from = monotonicMs();
      await stopApiserver(lab);
      try {
        await sleep(downMs / 2);
        await endProcesses(processes.flat(), 0);
        await sleep(downMs / 2);
        const { failed } = client.summary(from);
        const cutAt = monotonicMs();
        await cutLink(lab, owner);
        return { failed, outageMs: await outageAround(client, cutAt) };
      } finally {
        await healLink(lab, owner);
        await startApiserver(lab);
      }
    }),
  );
}
