import type { Lab } from '../lab.ts';
import { switchOff, switchOnAgain } from '../node/switch.ts';

/**
 * Pulls a node's plug: its cable is dead, and every process in it ends at once
 * without a last word. Its disk stays. Returns false when it was off already.
 */
export function powerOffNode(lab: Lab, name: string): Promise<boolean> {
  return switchOff(lab, lab.node(name));
}

/**
 * Boots a node that is off, and returns when its kubelet has been started;
 * wait for the node to be Ready where that matters. Returns false when it was on already.
 */
export function powerOnNode(lab: Lab, name: string): Promise<boolean> {
  return switchOnAgain(lab, lab.node(name));
}
