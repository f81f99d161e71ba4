import { run } from '../machine/run.ts';
import { inNamespace } from '../network/namespace.ts';
import type { LabPlan, NodePlan } from '../network/plan.ts';

/** Lets pods speak to machines outside the cluster, which don't know the way back to a pod: they see the node. */
export async function masquerade(plan: LabPlan, node: NodePlan): Promise<void> {
  const rules = `
table inet lab {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "eth0" ip saddr ${node.pods.ipv4} ip daddr != ${plan.clusterPods.ipv4} masquerade
    oifname "eth0" ip6 saddr ${node.pods.ipv6} ip6 daddr != ${plan.clusterPods.ipv6} masquerade
  }
}
`;
  await run(inNamespace(node.namespace, ['nft', '-f', '-']), { input: rules });
}
