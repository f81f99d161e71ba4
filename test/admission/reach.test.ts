/** Which requests the apiserver sends to the webhooks at all, and what becomes of a cluster whose webhooks are dead. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../lab/machine/wait.ts';
import type { Service } from '../../src/core/api/kubernetes.ts';
import { isNotFound } from '../../src/kube/kube-error.ts';
import { namespaces, services } from '../../src/kube/resources.ts';
import { type Controller, type Ground, project, startGround } from './ground.ts';
import { apply, configured, loadBalancer, namespace, pool } from './refusal-stage.ts';

let ground: Ground;
let controller: Controller;

before(async () => {
  ground = await startGround({ controllers: true });
  controller = await ground.startController();
  await apply(ground, namespace('shop'));
  await apply(ground, namespace('other-berth', { 'app.kubernetes.io/part-of': 'berth' }));
  await apply(ground, pool('edge', { addresses: ['192.0.2.0/28'] }));
});
after(() => ground?.stop());

type Counts = Readonly<Record<'mutate-service' | 'validate-service' | 'validate-config', number>>;

async function counts(): Promise<Counts> {
  const text = await (await fetch(`http://127.0.0.1:${controller.healthPort}/metrics`)).text();
  const of = (webhook: string): number => {
    const line = text
      .split('\n')
      .find((each) => each.startsWith('berth_admission_seconds_count') && each.includes(`"${webhook}"`));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  return {
    'mutate-service': of('mutate-service'),
    'validate-service': of('validate-service'),
    'validate-config': of('validate-config'),
  };
}

async function kubectl(...args: string[]): Promise<void> {
  const { code, stderr } = await ground.kubectl(args);
  assert.equal(code, 0, stderr);
}

const classed = (loadBalancerClass: string) => ({ spec: { loadBalancerClass } });
const ssa = ['apply', '--server-side', '-f', '-'];

interface Step {
  readonly name: string;
  readonly input?: object;
  readonly args?: readonly string[];
  /** Whether mutate-service, validate-service and validate-config are called. */
  readonly calls: readonly [number, number, number];
}

/** In this order: each stands on those before. */
const steps: readonly Step[] = [
  {
    name: 'a ClusterIP Service is not sent',
    input: loadBalancer('shop/plain', { spec: { type: 'ClusterIP' } }),
    calls: [0, 0, 0],
  },
  {
    name: 'another implementation’s Service is not sent',
    input: loadBalancer('shop/c', classed('cilium.io/lb')),
    calls: [0, 0, 0],
  },
  { name: 'a Service in kube-system is not sent', input: loadBalancer('kube-system/web'), calls: [0, 0, 0] },
  {
    name: 'a Service in Berth’s own namespace is not sent',
    input: loadBalancer('metallb-system/web'),
    calls: [0, 0, 0],
  },
  { name: 'nor where that namespace has another name', input: loadBalancer('other-berth/web'), calls: [0, 0, 0] },
  {
    name: 'a Service with a class of ours is sent',
    input: loadBalancer('shop/ours', classed('berth.dev/lb')),
    calls: [1, 1, 0],
  },
  { name: 'a dry run is sent', input: loadBalancer('shop/web'), args: [...ssa, '--dry-run=server'], calls: [1, 1, 0] },
  { name: 'a new LoadBalancer Service is sent', input: loadBalancer('shop/web'), args: ssa, calls: [1, 1, 0] },
  { name: 'the same once more is not', input: loadBalancer('shop/web'), args: ssa, calls: [0, 0, 0] },
  {
    name: 'nor is it on a dry run, as Flux sends it at each interval',
    input: loadBalancer('shop/web'),
    args: [...ssa, '--dry-run=server'],
    calls: [0, 0, 0],
  },
  { name: 'a label of it is sent', args: ['label', 'service', 'web', '-n', 'shop', 'a=b'], calls: [1, 1, 0] },
  {
    name: 'a finalizer is not',
    args: [
      'patch',
      'service',
      'web',
      '-n',
      'shop',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":["example.com/x"]}}',
    ],
    calls: [0, 0, 0],
  },
  {
    name: 'the status is not',
    args: [
      'patch',
      'service',
      'web',
      '-n',
      'shop',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"conditions":[]}}',
    ],
    calls: [0, 0, 0],
  },
  {
    name: 'a Service that stops being a LoadBalancer is told to the audit trail',
    args: ['patch', 'service', 'web', '-n', 'shop', '--type=merge', '-p', '{"spec":{"type":"ClusterIP"}}'],
    calls: [0, 1, 0],
  },
  {
    name: 'a Service that becomes a LoadBalancer is sent',
    args: ['patch', 'service', 'plain', '-n', 'shop', '--type=merge', '-p', '{"spec":{"type":"LoadBalancer"}}'],
    calls: [1, 1, 0],
  },
  { name: 'a deletion is not', args: ['delete', 'service', 'plain', '-n', 'shop'], calls: [0, 0, 0] },
  { name: 'a new pool is sent', input: pool('spare', { addresses: ['198.51.100.0/28'] }), calls: [0, 0, 1] },
  {
    name: 'the status of a pool is not',
    args: [
      'patch',
      'ipaddresspool',
      'spare',
      '-n',
      'metallb-system',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"assignedIPv4":0}}',
    ],
    calls: [0, 0, 0],
  },
  {
    name: 'the deletion of a pool is sent',
    args: ['delete', 'ipaddresspool', 'spare', '-n', 'metallb-system'],
    calls: [0, 0, 1],
  },
  {
    name: 'a peer of the older version is sent in the stored one',
    input: configured('metallb.io/v1beta1', 'BGPPeer', 'router', {
      myASN: 64512,
      peerASN: 64513,
      peerAddress: '10.0.0.1',
    }),
    calls: [0, 0, 1],
  },
];

for (const { name, input, args, calls } of steps) {
  test(name, async () => {
    const earlier = await counts();
    const { code, stderr } = await ground.kubectl(args ?? ['apply', '-f', '-'], input ? { input } : {});
    assert.equal(code, 0, stderr);
    const later = await counts();
    const made = (['mutate-service', 'validate-service', 'validate-config'] as const).map(
      // Twice where the object changes under the apiserver's hands: then it asks again.
      (each) => Math.min(1, later[each] - earlier[each]),
    );
    assert.deepEqual(made, calls);
  });
}

test('a peer is read in either version', async () => {
  for (const version of ['v1beta1', 'v1beta2']) {
    const { stdout, stderr } = await ground.kubectl([
      'get',
      `bgppeers.${version}.metallb.io`,
      'router',
      '-n',
      'metallb-system',
      '-o',
      'json',
    ]);
    assert.doesNotMatch(stderr, /error/i);
    const peer = JSON.parse(stdout);
    assert.equal(peer.apiVersion, `metallb.io/${version}`);
    assert.equal(peer.spec.myASN, 64512);
  }
});

test('what was patched stays: the assignment stands beside what its author applied', async () => {
  await apply(ground, loadBalancer('shop/kept', { annotations: { mine: 'yes' } }));
  const read = (): Promise<Service> =>
    ground.client.get<Service>({ resource: services, namespace: 'shop', name: 'kept' });
  const { annotations } = (await read()).metadata;
  assert.equal(annotations?.mine, 'yes');
  assert.equal(annotations?.['berth.dev/assigned-pool'], 'edge');
  assert.ok(annotations?.['berth.dev/assigned-because']);
  await apply(ground, loadBalancer('shop/kept', { annotations: { mine: 'no' } }));
  assert.equal((await read()).metadata.annotations?.['berth.dev/assigned-pool'], 'edge');
});

// From here on nobody answers.

test('with every webhook dead, nodes, pods, namespaces and Services of all sorts are taken', async () => {
  await apply(ground, pool('last', { addresses: ['203.0.113.0/28'] }));
  await controller.stop();
  await apply(ground, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  await apply(ground, namespace('new'));
  for (const where of ['new', 'kube-system', 'metallb-system']) {
    await kubectl('wait', '--for=create', 'serviceaccount/default', '-n', where, '--timeout=120s');
    await apply(ground, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod', namespace: where },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    });
    await apply(ground, loadBalancer(`${where}/lb`));
    await apply(ground, loadBalancer(`${where}/plain`, { spec: { type: 'ClusterIP' } }));
  }
  await kubectl('annotate', 'service', 'lb', '-n', 'new', 'a=b');
  await kubectl('delete', 'service', 'lb', '-n', 'new');
});

test('with every webhook dead, Berth’s own workloads and rights are taken', async () => {
  for (const part of ['rbac', 'controller', 'speaker']) {
    await kubectl('apply', '--server-side', '-k', join(project, 'kustomize/base', part));
  }
});

test('with every webhook dead, configuration waits, and the message says for what', async () => {
  const { code, stderr } = await ground.kubectl(['apply', '-f', '-'], {
    input: pool('wait', { addresses: ['10.0.0.0/28'] }),
  });
  assert.notEqual(code, 0);
  assert.match(stderr, /failed calling webhook "validate-config\.berth\.dev"/);
});

test('with every webhook dead, Berth’s namespace can be deleted with all that is in it', async () => {
  await kubectl('delete', 'namespace', 'metallb-system', '--wait=false');
  await waitFor(
    async () => {
      try {
        await ground.client.get({ resource: namespaces, name: 'metallb-system' });
        return false;
      } catch (error) {
        if (isNotFound(error)) return true;
        throw error;
      }
    },
    { what: 'the end of namespace metallb-system', withinMs: 180_000, everyMs: 500 },
  );
});
