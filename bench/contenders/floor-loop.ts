/** Gives each LoadBalancer Service without an address the next number, with no rule and no memory. */
import type { Service } from '../../src/core/api/kubernetes.ts';
import { connectToCluster } from '../../src/kube/client.ts';
import { watchKind } from '../../src/kube/list-watch.ts';
import { services } from '../../src/kube/resources.ts';

const client = await connectToCluster({ path: process.argv[2]! }, { userAgent: 'floor' });
let next = 0x0a000000;

const watch = watchKind<Service>({
  client,
  resource: services,
  signal: new AbortController().signal,
  onChange(change) {
    if (change.kind === 'deleted') return;
    const { object } = change;
    if (object.spec.type !== 'LoadBalancer' || object.status?.loadBalancer?.ingress?.length) return;
    const ip = [24, 16, 8, 0].map((shift) => (next >>> shift) & 255).join('.');
    next += 1;
    const { namespace, name } = object.metadata;
    void client.patch(
      { resource: services, namespace, name, subresource: 'status' },
      { status: { loadBalancer: { ingress: [{ ip }] } } },
      { type: 'strategic-merge' },
    );
  },
});
await watch.synced;
await watch.done;
