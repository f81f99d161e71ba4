import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { buildOn, kustomizeFolder, type Manifest, manifestsOf } from './built.ts';
import { type End, type Flow, lets, type Plugin, type Pod } from './network-policy.ts';

const plugins: readonly Plugin[] = ['knows host-network pods', 'sees only the node'];

describe("Berth's namespace", () => {
  let policies: readonly Manifest[] = [];
  let pods: Readonly<Record<'controller' | 'speaker', Pod>>;
  before(async () => {
    const built = manifestsOf(await buildOn('overlays/l2', { components: ['network-policies'] }));
    policies = built.filter(({ kind }) => kind === 'NetworkPolicy');
    const podOf = (name: string): Pod => {
      const workload = built.find(
        ({ kind, metadata }) => metadata.name === name && /^(Deployment|DaemonSet)$/.test(kind),
      )!;
      const { metadata, spec } = workload.spec.template;
      return {
        namespace: workload.metadata.namespace!,
        labels: metadata.labels,
        hostNetwork: spec.hostNetwork ?? false,
      };
    };
    pods = { controller: podOf('controller'), speaker: podOf('speaker') };
  });

  const ends = {
    controller: () => ({ address: '10.0.1.5', node: 'one', pod: pods.controller }),
    speaker: () => ({ address: '192.0.2.12', node: 'two', pod: pods.speaker }),
    'another speaker': () => ({ address: '192.0.2.13', node: 'three', pod: pods.speaker }),
    apiserver: () => ({ address: '192.0.2.10', node: 'control' }),
    'the kubelet of its node': () => ({ address: '192.0.2.11', node: 'one' }),
    'the kubelet of another node': () => ({ address: '192.0.2.14', node: 'four' }),
    prometheus: () => podIn('monitoring', { app: 'prometheus' }),
    dns: () => podIn('kube-system', { 'k8s-app': 'kube-dns' }),
    'a pod of kube-system': () => podIn('kube-system', { app: 'other' }),
    'a pod of a tenant': () => podIn('shop', { app: 'metallb', component: 'controller' }),
    'a stray pod of the namespace': () => podIn('metallb-system', { app: 'shell' }),
    router: () => ({ address: '192.0.2.1' }),
    internet: () => ({ address: '203.0.113.7' }),
  } satisfies Record<string, () => End>;
  type Name = keyof typeof ends;
  const podIn = (namespace: string, labels: Record<string, string>): End => ({
    address: '10.0.9.9',
    node: 'nine',
    pod: { namespace, labels },
  });
  const flow = (from: Name, to: Name, protocol: 'TCP' | 'UDP', port: number): Flow => ({
    from: ends[from](),
    to: ends[to](),
    protocol,
    port,
  });

  const needed: readonly (readonly [string, Name, Name, 'TCP' | 'UDP', number])[] = [
    ['the apiserver asks the webhook', 'apiserver', 'controller', 'TCP', 9443],
    ['the controller reads and writes at the apiserver', 'controller', 'apiserver', 'TCP', 6443],
    ['a managed apiserver listens on 443', 'controller', 'apiserver', 'TCP', 443],
    ['a speaker watches the apiserver', 'speaker', 'apiserver', 'TCP', 6443],
    ['the kubelet probes the controller', 'the kubelet of its node', 'controller', 'TCP', 7472],
    ['a speaker hears another one', 'another speaker', 'speaker', 'UDP', 7946],
    ['Prometheus scrapes the controller', 'prometheus', 'controller', 'TCP', 7472],
    ['Prometheus scrapes a speaker', 'prometheus', 'speaker', 'TCP', 7472],
    ['the controller asks for a name', 'controller', 'dns', 'UDP', 53],
    ['the controller asks for a long name', 'controller', 'dns', 'TCP', 53],
    ['a speaker asks the resolver of its node', 'speaker', 'internet', 'UDP', 53],
    ['a speaker opens a BGP session', 'speaker', 'router', 'TCP', 179],
    ['a router opens a BGP session', 'router', 'speaker', 'TCP', 179],
  ];
  for (const [what, from, to, protocol, port] of needed) {
    for (const plugin of plugins)
      test(`let through where the plugin ${plugin}: ${what}`, () => {
        assert.equal(lets(policies, flow(from, to, protocol, port), plugin), true);
      });
  }

  const denied: readonly (readonly [string, Name, Name, 'TCP' | 'UDP', number])[] = [
    ['a tenant reads metrics, whatever labels its pod has', 'a pod of a tenant', 'controller', 'TCP', 7472],
    ['another machine reads metrics', 'internet', 'controller', 'TCP', 7472],
    ['another node reads metrics of the controller', 'the kubelet of another node', 'controller', 'TCP', 7472],
    ['the controller is asked on another port', 'apiserver', 'controller', 'TCP', 8080],
    ['the webhook over UDP', 'apiserver', 'controller', 'UDP', 9443],
    ['the controller calls the world', 'controller', 'internet', 'TCP', 80],
    ['the controller asks for names of a pod that is no resolver', 'controller', 'a pod of kube-system', 'UDP', 53],
    ['the controller asks for names outside the cluster', 'controller', 'internet', 'UDP', 53],
    ['the controller speaks to routers', 'controller', 'router', 'TCP', 179],
    ['a router speaks to the controller', 'router', 'controller', 'TCP', 179],
    ['a pod that strays into the namespace calls out', 'a stray pod of the namespace', 'internet', 'TCP', 443],
    ['a pod that strays into the namespace is called', 'prometheus', 'a stray pod of the namespace', 'TCP', 7472],
  ];
  for (const [what, from, to, protocol, port] of denied) {
    for (const plugin of plugins)
      test(`denied where the plugin ${plugin}: ${what}`, () => {
        assert.equal(lets(policies, flow(from, to, protocol, port), plugin), false);
      });
  }

  const speakers: readonly (readonly [string, Name, Name, 'TCP' | 'UDP', number])[] = [
    ['a tenant reads metrics of a speaker', 'a pod of a tenant', 'speaker', 'TCP', 7472],
    ['a speaker calls the world', 'speaker', 'internet', 'TCP', 80],
    ['a speaker is called on a port that it has not', 'internet', 'speaker', 'TCP', 22],
  ];
  for (const [what, from, to, protocol, port] of speakers) {
    test(`only a plugin that knows host-network pods denies: ${what}`, () => {
      const [knowing, blind] = plugins.map((plugin) => lets(policies, flow(from, to, protocol, port), plugin));
      assert.deepEqual({ knowing, blind }, { knowing: false, blind: true });
    });
  }

  test('each rule is needed: without any one policy some needed flow is lost, or a denied one is open', () => {
    for (const left of policies) {
      const rest = policies.filter((policy) => policy !== left);
      const changed = [...needed, ...denied].some(([, from, to, protocol, port]) =>
        plugins.some((plugin) => {
          const one = flow(from, to, protocol, port);
          return lets(policies, one, plugin) !== lets(rest, one, plugin);
        }),
      );
      assert.ok(changed, `nothing changes without NetworkPolicy ${left.metadata.name}`);
    }
  });
});

test('the patch of the guide lets another namespace read metrics, and no longer the first', async () => {
  const guide = await readFile(join(kustomizeFolder, 'README.md'), 'utf8');
  const [, example = ''] = /```yaml\n(components:[^`]*observability[^`]*)```/.exec(guide) ?? [];
  const { patches } = parse(example);
  const built = manifestsOf(await buildOn('overlays/l2', { components: ['network-policies'], patches }));
  const policies = built.filter(({ kind }) => kind === 'NetworkPolicy');
  const pod = { namespace: 'metallb-system', labels: { app: 'metallb', component: 'controller' } };
  const scrape = (namespace: string): Flow => ({
    from: { address: '10.0.9.9', pod: { namespace, labels: {} } },
    to: { address: '10.0.1.5', pod },
    protocol: 'TCP',
    port: 7472,
  });
  assert.equal(lets(policies, scrape('observability'), 'sees only the node'), true);
  assert.equal(lets(policies, scrape('monitoring'), 'sees only the node'), false);
});

describe('the example of a Service that not everybody may reach', async () => {
  const example = manifestsOf(await readFile(join(kustomizeFolder, 'examples/service-ingress.yaml'), 'utf8'));
  const policies = example.filter(({ kind }) => kind === 'NetworkPolicy');
  const web: End = { address: '10.0.2.7', node: 'two', pod: { namespace: 'shop', labels: { app: 'web' } } };
  for (const [what, address, port, expected] of [
    ['a client of the network that is let in', '192.0.2.7', 8080, true],
    ['the same over IPv6', '2001:db8::7', 8080, true],
    ['the one machine that is left out', '192.0.2.66', 8080, false],
    ['a client from elsewhere', '203.0.113.7', 8080, false],
    ['another port', '192.0.2.7', 22, false],
  ] as const) {
    test(`${what}: ${expected ? 'let through' : 'denied'}`, () => {
      const flow: Flow = { from: { address }, to: web, protocol: 'TCP', port };
      assert.equal(lets(policies, flow, 'sees only the node'), expected);
    });
  }

  test('its Service keeps the client’s address, without which the policy would see a node', () => {
    const service = example.find(({ kind }) => kind === 'Service')!;
    assert.equal(service.spec.externalTrafficPolicy, 'Local');
  });
});
