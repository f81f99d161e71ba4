import type { Lab } from '../lab.ts';
import { ip, plugIn, unplug } from '../network/lan.ts';
import { namespaceInode } from '../network/namespace.ts';
import { killNode } from '../node/power.ts';
import { admitNode, switchOn } from '../node/switch.ts';
import { forgetProcess, processOf } from '../state.ts';
import { clearLoss } from './loss.ts';
import { removeRelay } from './relay.ts';

/**
 * Pulls a node's plug: its cable is dead, every process in it ends at once
 * without a last word, and its kernel answers nothing any more. Its disk
 * stays. Returns false when it was off already.
 */
export async function powerOffNode(lab: Lab, name: string): Promise<boolean> {
  const node = lab.node(name);
  if (namespaceInode(node.namespace) === undefined) return false;
  await ip(lab.plan.switchNamespace, [`link set ${name} down`]);
  const power = processOf(lab.name, name);
  if (power !== undefined) await killNode(lab.plan, node, power);
  await clearLoss(lab, name);
  await removeRelay(lab, name);
  await unplug(lab.plan, node);
  forgetProcess(lab.name, name);
  return true;
}

/**
 * Boots a node that is off: its disk is as it was, its memory empty. Returns
 * when its kubelet has been started; wait for the node to be Ready where that
 * matters. Returns false when it was on already.
 */
export async function powerOnNode(lab: Lab, name: string): Promise<boolean> {
  const node = lab.node(name);
  if (processOf(lab.name, name) !== undefined) return false;
  // Somebody may have killed the node's process by hand: the rest of the node goes first.
  await powerOffNode(lab, name);
  await plugIn(lab.plan, node);
  await switchOn(lab, node);
  await admitNode(lab, node);
  return true;
}
