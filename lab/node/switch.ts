import type { Lab } from '../lab.ts';
import { plugIn } from '../network/lan.ts';
import type { NodePlan } from '../network/plan.ts';
import { forgetProcess, noteProcess, processOf } from '../state.ts';
import { masquerade } from './masquerade.ts';
import { admit, powerOff, powerOn } from './power.ts';
import { prepareKubelet, prepareRuntime } from './prepare.ts';

/** Switches a node on as far as containerd; `admitNode` lets its kubelet start. */
export async function switchOn(lab: Lab, node: NodePlan): Promise<void> {
  const files = lab.files(node);
  await prepareRuntime(files, node);
  await masquerade(lab.plan, node);
  noteProcess(lab.name, node.name, await powerOn(files, lab.plan, node));
}

/** Lets kubelet and kube-proxy of a node start; the apiserver must know the node. */
export async function admitNode(lab: Lab, node: NodePlan): Promise<void> {
  const files = lab.files(node);
  await prepareKubelet(files, lab.plan, node, await lab.authority(), lab.url);
  admit(files);
}

/** Boots a node whose plug was pulled: its disk is as it was, its memory empty; false when it was on already. */
export async function switchOnAgain(lab: Lab, node: NodePlan): Promise<boolean> {
  if (processOf(lab.name, node.name) !== undefined) return false;
  await plugIn(lab.plan, node);
  await switchOn(lab, node);
  await admitNode(lab, node);
  return true;
}

/** Pulls a node's plug; false when it was off already. */
export async function switchOff(lab: Lab, node: NodePlan): Promise<boolean> {
  const power = processOf(lab.name, node.name);
  if (power === undefined) return false;
  await powerOff(lab.plan, node, power);
  forgetProcess(lab.name, node.name);
  return true;
}
