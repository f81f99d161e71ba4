/** Connections that planned moves of an address cost, to a client that connects every 5 ms. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.ts';
import { ready, type Speakers } from '../contenders/speakers.ts';
import { announcer, connecting, type LabGround } from '../lab-ground.ts';

const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** As long as a move may take; a peer that doesn't move at all costs nothing either. */
const settleMs = 5_000;

/** Failed connections by what was done, over both families. */
export async function plannedMoves(
  { lab, addresses }: LabGround,
  speakers: Speakers,
): Promise<Readonly<Record<string, number>>> {
  const moves: Readonly<Record<string, (node: string) => Promise<unknown>>> = {
    'the announcing node cordoned': (node) => around(lab, ['cordon', node], ['uncordon', node]),
    'the announcing node drained': (node) =>
      around(
        lab,
        ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s'],
        ['uncordon', node],
      ),
    'the announcing node excluded by label': (node) =>
      around(lab, ['label', 'node', node, `${excluded}=`], ['label', 'node', node, `${excluded}-`]),
    'the speakers rolled out over all nodes': async () => {
      await lab.kubectl(['rollout', 'restart', `daemonset/${speakers.daemonSet}`, '-n', 'metallb-system']);
      await ready(lab, speakers);
    },
  };
  const failed: Record<string, number> = {};
  for (const [name, move] of Object.entries(moves)) {
    failed[name] = 0;
    for (const address of addresses) {
      failed[name] += await connecting(lab, address, async (client) => {
        await move(await announcer(lab, address));
        await sleep(settleMs);
        return client.summary().failed;
      });
    }
  }
  return failed;
}

async function around(lab: Lab, before: readonly string[], after: readonly string[]): Promise<void> {
  await lab.kubectl(before);
  await sleep(settleMs);
  await lab.kubectl(after);
}
