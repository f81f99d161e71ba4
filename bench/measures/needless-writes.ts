/** Writes to Services that nothing called for, counted at the apiserver: at a restart, and when one of many goes. */
import { berth } from '../contenders/berth.ts';
import { type Contender, until } from '../contenders/contender.ts';
import { metallb } from '../contenders/metallb.ts';
import { type Figure, spread } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { AddressWatch, createServices, deleteServices } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

/** As long as the peer needs to go through all of them once more, and then some. */
const settleMs = 15_000;

export async function needlessWrites(options: MeasureOptions): Promise<Figure[]> {
  const services = options.quick ? 100 : 1_000;
  const ours = await count(berth(), services);
  const peers = await count(metallb, services);
  const figure = (name: string, value: number, peer: number): Figure => ({
    name,
    unit: 'writes',
    berth: spread([value]),
    floor: undefined,
    peers: { [metallb.name]: peer },
    goal: '0',
    met: value === 0,
  });
  return [
    figure(`needless writes at a restart with ${services} assigned Services`, ours.restart, peers.restart),
    figure(`needless writes when 1 of ${services} Services is deleted`, ours.deletion, peers.deletion),
  ];
}

function count(contender: Contender, services: number): Promise<{ restart: number; deletion: number }> {
  return onGround(
    contender,
    async (ground, running) => {
      const watch = new AddressWatch(ground);
      await watch.synced;
      await createServices(ground, watch, { services, writers: 32 });
      await quiet(ground);

      const beforeDeletion = writes(ground);
      await deleteServices(ground, ['svc-7']);
      await quiet(ground);
      const deletion = writes(ground) - beforeDeletion;

      await running.stop();
      const beforeRestart = writes(ground);
      const again = await contender.start(ground);
      await quiet(ground);
      const restart = writes(ground) - beforeRestart;
      await again.stop();
      await watch.close();
      return { restart, deletion };
    },
    { auditLog: true },
  );
}

/** Writes to the load's Services or their status by anybody but the load itself. */
function writes(ground: Ground): number {
  return ground.controlPlane
    .requests()
    .filter(
      ({ verb, objectRef, userAgent }) =>
        (verb === 'update' || verb === 'patch') &&
        objectRef?.resource === 'services' &&
        objectRef.namespace === 'bench' &&
        userAgent !== 'bench',
    ).length;
}

/** Waits until no write was seen for a while. */
async function quiet(ground: Ground): Promise<void> {
  let last = -1;
  let since = performance.now();
  await until(
    'writes come to rest',
    () => {
      const now = writes(ground);
      if (now !== last) {
        last = now;
        since = performance.now();
      }
      return performance.now() - since > settleMs;
    },
    600,
  );
}
