import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { attempt } from '../../lab/machine/run.ts';
import { buildOffline, buildOn, components, kustomizeFolder, type Manifest, manifestsOf, overlays } from './built.ts';

const workloads = (manifests: readonly Manifest[]) =>
  manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
const imagesOf = (manifests: readonly Manifest[]) =>
  workloads(manifests).flatMap(({ spec }) => spec.template.spec.containers.map((one: { image: string }) => one.image));

describe('the base', () => {
  test('builds by itself and holds nothing optional', async () => {
    const manifests = manifestsOf(await buildOffline(join(kustomizeFolder, 'base')));
    const kinds = new Set(manifests.map(({ kind }) => kind));
    for (const optional of ['NetworkPolicy', 'ServiceMonitor', 'Certificate', 'ValidatingAdmissionPolicy']) {
      assert.ok(!kinds.has(optional), `the base holds a ${optional}`);
    }
  });

  test('refers to nothing on the network', async () => {
    const found = await attempt([
      'grep',
      '-rnE',
      '^\\s*-\\s+("|\')?(https?:|git@|ssh:|github\\.com)',
      kustomizeFolder,
      '--include=kustomization.yaml',
    ]);
    assert.equal(found.stdout, '');
  });
});

for (const overlay of overlays) {
  describe(`overlay ${overlay}`, async () => {
    const manifests = manifestsOf(await buildOffline(join(kustomizeFolder, 'overlays', overlay)));

    test('has both workloads under the names and labels that MetalLB gave them', () => {
      const found = workloads(manifests).map(({ kind, metadata, spec }) => ({
        what: `${kind}/${metadata.namespace}/${metadata.name}`,
        selector: spec.selector.matchLabels,
        pod: spec.template.metadata.labels,
      }));
      const labels = (component: string) => ({ app: 'metallb', component });
      assert.deepEqual(found, [
        { what: 'Deployment/metallb-system/controller', selector: labels('controller'), pod: labels('controller') },
        { what: 'DaemonSet/metallb-system/speaker', selector: labels('speaker'), pod: labels('speaker') },
      ]);
    });

    test('allows the speaker by Pod Security, and says so for warnings and audit too', () => {
      const { metadata } = manifests.find(({ kind }) => kind === 'Namespace')!;
      for (const mode of ['enforce', 'audit', 'warn']) {
        assert.equal(metadata.labels?.[`pod-security.kubernetes.io/${mode}`], 'privileged');
      }
    });

    test('gives every object that lives in a namespace the same one', () => {
      const namespaces = new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []));
      assert.deepEqual([...namespaces], ['metallb-system']);
    });

    test('has no certificate in it: that is made in the cluster', () => {
      assert.ok(!/caBundle|BEGIN CERTIFICATE/.test(JSON.stringify(manifests)));
    });

    test('runs containers without any right but the two of the speaker, on a read-only root', () => {
      for (const { metadata, spec } of workloads(manifests)) {
        const [container] = spec.template.spec.containers;
        const { capabilities, ...rest } = container.securityContext;
        assert.equal(rest.readOnlyRootFilesystem, true);
        assert.equal(rest.allowPrivilegeEscalation, false);
        assert.deepEqual(capabilities.drop, ['ALL']);
        assert.deepEqual(capabilities.add ?? [], metadata.name === 'speaker' ? ['NET_RAW', 'NET_ADMIN'] : []);
        assert.equal(spec.template.spec.securityContext.seccompProfile.type, 'RuntimeDefault');
      }
    });
  });
}

for (const component of components) {
  test(`component ${component} builds on the l2 overlay`, async () => {
    await buildOn('overlays/l2', { components: [component] });
  });
}

describe('an install of one’s own', () => {
  const stillIn = (manifests: readonly Manifest[], text: string) =>
    manifests
      .filter((manifest) => JSON.stringify(manifest).includes(text))
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`);

  for (const [overlay, components] of [
    ['l2', []],
    ['production', ['prometheus']],
  ] as const) {
    test(`changes the namespace everywhere by one line, on overlay ${overlay}`, async () => {
      const own = { namespace: 'load-balancers', components };
      const manifests = manifestsOf(await buildOn(`overlays/${overlay}`, own));
      assert.deepEqual(stillIn(manifests, 'metallb-system'), []);
      assert.ok(manifests.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'load-balancers'));
    });
  }

  test('changes the namespace with cert-manager too, in a layer below it', async () => {
    const namespace = 'load-balancers';
    const own = { namespace, components: ['cert-manager'], on: { namespace } };
    const manifests = manifestsOf(await buildOn('overlays/l2', own));
    assert.deepEqual(stillIn(manifests, 'metallb-system'), []);
    const certificate = manifests.find(
      ({ kind, metadata }) => kind === 'Certificate' && metadata.name === 'berth-webhook',
    );
    assert.deepEqual(certificate?.spec.dnsNames, [
      'webhook-service.load-balancers.svc',
      'webhook-service.load-balancers.svc.cluster.local',
    ]);
  });

  test('changes registry and tag of every container by one entry', async () => {
    const images = [{ name: 'berth.dev/berth', newName: 'registry.example/berth', newTag: '9' }];
    const manifests = manifestsOf(await buildOn('overlays/l2', { images }));
    assert.deepEqual(imagesOf(manifests), ['registry.example/berth:9', 'registry.example/berth:9']);
  });
});

test('cert-manager is asked for an authority of ten years and a certificate of ninety days', async () => {
  const manifests = manifestsOf(await buildOn('overlays/l2', { components: ['cert-manager'] }));
  const hours = new Map(
    manifests
      .filter(({ kind }) => kind === 'Certificate')
      .map(({ metadata, spec }) => [
        metadata.name,
        [Number.parseInt(spec.duration, 10), Number.parseInt(spec.renewBefore, 10)],
      ]),
  );
  assert.deepEqual(hours.get('berth-authority'), [10 * 365 * 24, 365 * 24]);
  assert.deepEqual(hours.get('berth-webhook'), [90 * 24, 30 * 24]);
});
