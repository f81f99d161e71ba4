import type { Lab } from '../lab.ts';
import type { NodePlan } from '../network/plan.ts';
import { noteProcess } from '../state.ts';
import { masquerade } from './masquerade.ts';
import { admit, powerOn } from './power.ts';
import { prepareKubelet, prepareRuntime } from './prepare.ts';

/** Switches a node on as far as containerd; `admitNode` lets its kubelet start. */
export async function switchOn(lab: Lab, node: NodePlan, seed?: string): Promise<void> {
  const files = lab.files(node);
  await prepareRuntime(files, node, seed);
  await masquerade(lab.plan, node);
  noteProcess(lab.name, node.name, await powerOn(files, lab.plan, node));
}

/** Lets kubelet and kube-proxy of a node start; the apiserver must know the node. */
export async function admitNode(lab: Lab, node: NodePlan): Promise<void> {
  const files = lab.files(node);
  await prepareKubelet(files, lab.plan, node, await lab.authority(), lab.url);
  admit(files);
}
