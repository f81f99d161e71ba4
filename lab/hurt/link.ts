import type { Lab } from '../lab.ts';
import { ip } from '../network/lan.ts';
import { cableOf } from './cable.ts';
import { clearLoss } from './loss.ts';
import { removeRelay } from './relay.ts';

/** Unplugs a machine's cable from the switch: both ends lose the carrier, and what runs on the machine goes on. */
export async function cutLink(lab: Lab, name: string): Promise<void> {
  await ip(lab.plan.switchNamespace, [`link set ${cableOf(lab, name)} down`]);
}

/** Plugs the cable in again, and takes away every loss, delay and duplication on it. */
export async function healLink(lab: Lab, name: string): Promise<void> {
  const port = cableOf(lab, name);
  await clearLoss(lab, name);
  await removeRelay(lab, name);
  await ip(lab.plan.switchNamespace, [`link set ${port} up`]);
}
