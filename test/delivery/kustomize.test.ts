import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, test } from 'node:test';
import { attempt } from '../../lab/machine/run.ts';
import { buildOffline, components, kustomizeFolder, type Manifest, manifestsOf, overlays } from './built.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-kustomize-'));
after(() => rmSync(folder, { recursive: true }));

/** An install of somebody's own on top of a shipped one, as kustomize/README.md shows it. */
async function buildOwn(lines: readonly string[]): Promise<readonly Manifest[]> {
  const own = mkdtempSync(join(folder, 'own-'));
  const base = relative(own, join(kustomizeFolder, 'overlays/l2'));
  const head = ['apiVersion: kustomize.config.k8s.io/v1beta1', 'kind: Kustomization', 'resources:', `  - ${base}`];
  writeFileSync(join(own, 'kustomization.yaml'), [...head, ...lines].join('\n'));
  return manifestsOf(await buildOffline(own));
}

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
    await buildOwn([
      'components:',
      `  - ${relative(join(folder, 'own-xxxxxx'), join(kustomizeFolder, 'components', component))}`,
    ]);
  });
}

describe('an install of one’s own', () => {
  test('changes the namespace everywhere by one line', async () => {
    const manifests = await buildOwn(['namespace: load-balancers']);
    const left = manifests.filter((manifest) => JSON.stringify(manifest).includes('metallb-system'));
    assert.deepEqual(
      left.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
      [],
    );
    assert.ok(manifests.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'load-balancers'));
  });

  test('changes registry and tag of every container by one entry', async () => {
    const entry = ['images:', '  - name: berth.dev/berth', '    newName: registry.example/berth', '    newTag: "9"'];
    assert.deepEqual(imagesOf(await buildOwn(entry)), ['registry.example/berth:9', 'registry.example/berth:9']);
  });
});
