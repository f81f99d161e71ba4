import type { Lab } from '../lab.ts';

/**
 * Tells the apiserver of the nodes. The objects are made here, since they carry which prefixes the pods of each node have, which
 * a cluster with one controller for it would decide only later.
 */
export async function registerNodes(lab: Lab, signal?: AbortSignal): Promise<void> {
  const items = lab.plan.nodes.map((node) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.name, labels: { 'kubernetes.io/hostname': node.name } },
    spec: { podCIDR: node.pods.ipv4, podCIDRs: [node.pods.ipv4, node.pods.ipv6] },
  }));
  const list = { apiVersion: 'v1', kind: 'List', items };
  await lab.kubectl(['create', '-f', '-'], { input: JSON.stringify(list), signal });
}

/** Waits until every node that is on calls itself ready. @throws LabProblem after three minutes. */
export async function waitForNodes(lab: Lab, signal?: AbortSignal): Promise<void> {
  await lab.kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=180s'], { signal });
}
