import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../../lab/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane.ts';
import { attempt, run } from '../../lab/machine/run.ts';
import { buildOffline, buildOn, kustomizeFolder, type Manifest, manifestsOf, overlays } from './built.ts';
import { goModule } from './go-module.ts';
import { grantsOf } from './grants.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-apply-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the manifests on a real apiserver', () => {
  let controlPlane: ControlPlane;
  let kubectl: readonly string[];
  const apply = (input: string, ...flags: string[]) => run([...kubectl, 'apply', '-f', '-', ...flags], { input });

  before(async () => {
    controlPlane = await startControlPlane({ directory: join(folder, 'cp') });
    kubectl = [await findProgram('kubectl'), '--kubeconfig', controlPlane.kubeconfig];
  });
  after(() => controlPlane?.stop());

  test('custom resource definitions stay under the limit of a client-side apply, and are established', async () => {
    const definitions = await buildOffline(join(kustomizeFolder, 'base/crds'));
    await apply(definitions, '--validate=strict');
    // A second time: what was stored is compared with the annotation that kubectl put there.
    const again = await apply(definitions, '--validate=strict');
    for (const line of again.trim().split('\n')) assert.match(line, / unchanged$/);
    await run([...kubectl, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    for (const { metadata } of manifestsOf(definitions)) {
      const { status } = JSON.parse(await run([...kubectl, 'get', 'crd', metadata.name, '-o', 'json']));
      const complaints = status.conditions.filter(
        (one: { type: string; status: string }) => one.type === 'NonStructuralSchema',
      );
      assert.deepEqual(complaints, [], metadata.name);
    }
  });

  for (const overlay of overlays) {
    test(`overlay ${overlay} is accepted whole, every field known`, async () => {
      const built = await buildOffline(join(kustomizeFolder, 'overlays', overlay));
      const manifests = manifestsOf(built);
      const namespace = manifests.find(({ kind }) => kind === 'Namespace')!;
      await apply(JSON.stringify(namespace), '--validate=strict');
      const said = await attempt([...kubectl, 'apply', '-f', '-', '--dry-run=server', '--validate=strict'], {
        input: built,
      });
      assert.equal(said.code, 0, said.stderr);
      assert.equal(said.stderr, '', 'the apiserver warns');
      assert.equal(said.stdout.trim().split('\n').length, manifests.length);
    });
  }

  test('with cert-manager: its own definitions accept ours, and Berth loses the rights to make certificates', async () => {
    const version = 'v1.21.2';
    const sum = 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=';
    const certManager = await goModule('github.com/cert-manager/cert-manager', version, sum);
    for (const kind of ['issuers', 'certificates']) {
      await run([...kubectl, 'create', '-f', join(certManager, `deploy/crds/cert-manager.io_${kind}.yaml`)]);
    }
    await run([...kubectl, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    const built = await buildOn('overlays/l2', { components: ['cert-manager'] });
    await apply(built, '--dry-run=server', '--validate=strict');
    const secrets = grantsOf(manifestsOf(built), 'controller').filter(({ resource }) =>
      /secrets|webhook/.test(resource),
    );
    assert.deepEqual(secrets, []);
  });

  test("with prometheus: the operator's own definitions accept scraping and alerts", async () => {
    const version = 'v0.85.0';
    const sum = 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=';
    const operator = await goModule('github.com/prometheus-operator/prometheus-operator', version, sum);
    for (const kind of ['podmonitors', 'prometheusrules']) {
      const file = join(operator, `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`);
      await run([...kubectl, 'create', '-f', file]);
    }
    await run([...kubectl, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    await apply(
      await buildOn('overlays/production', { components: ['prometheus'] }),
      '--dry-run=server',
      '--validate=strict',
    );
  });

  test('the example of a Service that not everybody may reach is accepted as it stands', async () => {
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));
    const example = join(kustomizeFolder, 'examples/service-ingress.yaml');
    await run([...kubectl, 'apply', '-f', example, '--dry-run=server', '--validate=strict']);
  });

  describe('Pod Security', () => {
    let manifests: readonly Manifest[];
    before(async () => {
      manifests = manifestsOf(await buildOffline(join(kustomizeFolder, 'overlays/l2')));
      for (const level of ['restricted', 'baseline', 'privileged']) {
        const labels = { 'pod-security.kubernetes.io/enforce': level };
        await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: level, labels } }));
        for (const { metadata } of manifests.filter(({ kind }) => kind === 'ServiceAccount')) {
          await apply(
            JSON.stringify({
              apiVersion: 'v1',
              kind: 'ServiceAccount',
              metadata: { name: metadata.name, namespace: level },
            }),
          );
        }
      }
    });

    /** Asks the apiserver for the workload's pod in a namespace of that level. */
    async function createPod(workload: string, level: string) {
      const { spec } = manifests.find(
        ({ kind, metadata }) => metadata.name === workload && /^(Deployment|DaemonSet)$/.test(kind),
      )!;
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: workload, namespace: level },
        spec: spec.template.spec,
      };
      return attempt([...kubectl, 'create', '-f', '-', '--dry-run=server', '--validate=strict'], {
        input: JSON.stringify(pod),
      });
    }

    test('the controller needs no privilege at all', async () => {
      const said = await createPod('controller', 'restricted');
      assert.equal(said.code, 0, said.stderr);
    });

    test('the speaker needs the level that its namespace has, and no lower one does', async () => {
      const said = await createPod('speaker', 'privileged');
      assert.equal(said.code, 0, said.stderr);
      assert.match((await createPod('speaker', 'baseline')).stderr, /violates PodSecurity "baseline:latest"/);
    });
  });

  test('an example of the guide is accepted as it stands', async () => {
    const guide = await run(['cat', join(kustomizeFolder, 'README.md')]);
    const example = [...guide.matchAll(/```yaml\n([^`]*kind: IPAddressPool[^`]*)```/g)].map(([, yaml]) => yaml!);
    assert.equal(example.length, 1);
    const file = join(folder, 'example.yaml');
    writeFileSync(file, example[0]!);
    await run([...kubectl, 'apply', '-f', file, '--validate=strict', '--dry-run=server']);
  });
});
