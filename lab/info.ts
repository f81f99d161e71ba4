import type { Lab } from './lab.ts';
import { processOf } from './state.ts';

/** What `bin/lab info` prints: everything about a lab that a test or a person needs to use it. */
export function infoOf(lab: Lab): object {
  const { plan } = lab;
  return {
    name: plan.name,
    kubeconfig: lab.kubeconfig,
    url: lab.url,
    lan: { v4: plan.lan.ipv4, v6: plan.lan.ipv6 },
    // Inside the LAN, and used by no machine: for LoadBalancer addresses.
    pool: { v4: plan.loadBalancers.ipv4, v6: plan.loadBalancers.ipv6 },
    host: addressOf(plan.host),
    client: { namespace: plan.client.namespace, ...addressOf(plan.client.address) },
    router: { namespace: plan.router.namespace, ...addressOf(plan.router.address) },
    nodes: plan.nodes.map((node) => ({
      name: node.name,
      namespace: node.namespace,
      mac: node.mac,
      ...addressOf(node.address),
      pods: addressOf(node.pods),
      on: processOf(plan.name, node.name) !== undefined,
      logs: `${lab.files(node).directory}/log`,
    })),
    pods: addressOf(plan.clusterPods),
    services: addressOf(plan.serviceCidrs),
    auditLog: lab.layout.auditLog,
  };
}

function addressOf(pair: { readonly ipv4: string; readonly ipv6: string }): { v4: string; v6: string } {
  return { v4: pair.ipv4, v6: pair.ipv6 };
}
