/** flux/: what it is made of, and Flux's own definitions of it on a real apiserver. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../../lab/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane.ts';
import { fluxDefinitions } from '../../lab/flux/manifests.ts';
import { attempt, run } from '../../lab/machine/run.ts';
import { buildOffline, type Manifest, manifestsOf, project } from './built.ts';

const folder = await mkdtemp(join(tmpdir(), 'berth-flux-'));
after(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(project, 'flux', name);
const build = async (name: string): Promise<readonly Manifest[]> => manifestsOf(await buildOffline(at(name)));
const named = (found: readonly Manifest[], name: string): Manifest => {
  const one = found.find(({ kind, metadata }) => kind === 'Kustomization' && metadata.name === name);
  assert.ok(one, `no Kustomization ${name}`);
  return one;
};
const keyOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

/** As postBuild does it with no value given: `${name:=default}` becomes the default. */
const substituted = (yaml: string): string => yaml.replaceAll(/\$\{\w+:=([^}]*)\}/g, '$1');

/** The cluster folder with the OCI artifact as its source, as the head of oci/kustomization.yaml shows it. */
async function buildOci(): Promise<string> {
  const own = join(folder, 'oci');
  await mkdir(own, { recursive: true });
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [relative(own, at('cluster'))],
    components: [relative(own, at('oci'))],
  };
  await writeFile(join(own, 'kustomization.yaml'), JSON.stringify(kustomization));
  return buildOffline(own);
}

describe('the order', () => {
  test('definitions, controllers, configuration, applications: each waits for the one before', async () => {
    const cluster = await build('cluster');
    const order = ['berth-crds', 'berth-controllers', 'berth-config', 'apps'];
    for (const [index, name] of order.entries()) {
      const { spec } = named(cluster, name);
      assert.equal(spec.wait, true, name);
      const before = index === 0 ? [] : [{ name: order[index - 1] }];
      assert.deepEqual(spec.dependsOn ?? [], before, name);
    }
  });

  test('what is applied from Berth’s repository is there', async () => {
    for (const { kind, metadata, spec } of await build('cluster')) {
      if (kind !== 'Kustomization' || spec.sourceRef.name !== 'berth') continue;
      assert.ok(existsSync(join(project, spec.path, 'kustomization.yaml')), `${metadata.name}: ${spec.path}`);
    }
  });

  test('definitions and controllers together are the production overlay, and share no object', async () => {
    const whole = manifestsOf(await buildOffline(join(project, 'kustomize/overlays/production'))).map(keyOf);
    const parts = [...(await build('crds')), ...(await build('controllers'))].map(keyOf);
    assert.deepEqual(parts.sort(), whole.sort());
  });

  test('the source leaves out everything but what the paths need', async () => {
    const source = (await build('cluster')).find(({ kind }) => kind === 'GitRepository');
    assert.deepEqual(source?.spec.ignore.trim().split('\n'), ['/*', '!/flux', '!/kustomize']);
  });
});

describe('what must not be pruned', () => {
  const guard = 'kustomize.toolkit.fluxcd.io/prune';
  test('definitions, pools and the namespace that holds them carry the guard', async () => {
    const guarded = (await Promise.all(['crds', 'controllers', 'config'].map(build)))
      .flat()
      .filter(({ metadata }) => metadata.annotations?.[guard] === 'disabled')
      .map(({ kind }) => kind);
    assert.deepEqual([...new Set(guarded)].sort(), ['CustomResourceDefinition', 'IPAddressPool', 'Namespace']);
    const definitions = await build('crds');
    assert.equal(guarded.filter((kind) => kind === 'CustomResourceDefinition').length, definitions.length);
  });

  test('deleting the Kustomization of the definitions leaves them', async () => {
    const { spec } = named(await build('cluster'), 'berth-crds');
    assert.deepEqual([spec.prune, spec.deletionPolicy], [false, 'Orphan']);
  });
});

test('every variable has a default, and the cluster folder gives every one a value', async () => {
  const yaml = await buildOffline(at('config'));
  const used = [...yaml.matchAll(/\$\{(\w+)(:=[^}]+)?\}/g)];
  assert.ok(used.length > 0);
  for (const [whole, , fallback] of used) assert.ok(fallback, `${whole} has no default`);
  const { spec } = named(await build('cluster'), 'berth-config');
  assert.deepEqual(Object.keys(spec.postBuild.substitute).sort(), used.map(([, name]) => name).sort());
});

test('new versions go to the markers of the cluster folder, which name the policy', async () => {
  const automation = await build('image-automation');
  const policy = automation.find(({ kind }) => kind === 'ImagePolicy')!;
  const file = await readFile(join(at('cluster'), 'berth.yaml'), 'utf8');
  const markers = [...file.matchAll(/^ +(\w+): .*# (\{"\$imagepolicy".*\})$/gm)].map(([, field, json]) => [
    field,
    JSON.parse(json!).$imagepolicy,
  ]);
  const named = `${policy.metadata.namespace}:${policy.metadata.name}`;
  assert.deepEqual(markers, [
    ['newName', `${named}:name`],
    ['newTag', `${named}:tag`],
  ]);
});

test('a tenant refers to nothing outside its namespace', async () => {
  const tenant = named(await build('tenants'), 'team-a');
  assert.equal(tenant.spec.serviceAccountName, 'deployer');
  assert.equal(tenant.spec.sourceRef.namespace, undefined);
  assert.equal(tenant.spec.dependsOn, undefined);
  assert.equal(tenant.spec.targetNamespace, tenant.metadata.namespace);
});

describe("Flux's own definitions", () => {
  let controlPlane: ControlPlane;
  let kubectl: readonly string[];
  const apply = (input: string, ...flags: string[]) => attempt([...kubectl, 'apply', '-f', '-', ...flags], { input });

  before(async () => {
    controlPlane = await startControlPlane({ directory: join(folder, 'cp') });
    kubectl = [await findProgram('kubectl'), '--kubeconfig', controlPlane.kubeconfig];
    const namespaces = ['flux-system', 'metallb-system', 'shop', 'team-a'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    }));
    const list = (items: readonly unknown[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const definitions = [...(await fluxDefinitions()), ...(await build('crds'))];
    // Some of Flux's are too long for the annotation of a client-side apply.
    await run([...kubectl, 'apply', '--server-side', '-f', '-'], { input: list(definitions) });
    await run([...kubectl, 'apply', '-f', '-'], { input: list(namespaces) });
    await run([...kubectl, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=120s']);
  });
  after(() => controlPlane?.stop());

  for (const name of ['cluster', 'config', 'apps', 'tenants']) {
    test(`accept flux/${name}, every field known`, async () => {
      const said = await apply(substituted(await buildOffline(at(name))), '--dry-run=server', '--validate=strict');
      assert.deepEqual([said.code, said.stderr], [0, '']);
    });
  }

  test('accept the source as an OCI artifact, and nothing is left of the repository', async () => {
    const yaml = await buildOci();
    const said = await apply(yaml, '--dry-run=server', '--validate=strict');
    assert.deepEqual([said.code, said.stderr], [0, '']);
    const kinds = manifestsOf(yaml).flatMap(({ kind, spec }) => [kind, spec.sourceRef?.kind]);
    assert.ok(kinds.includes('OCIRepository'));
    const sources = manifestsOf(yaml).flatMap(({ spec }) =>
      spec.sourceRef?.name === 'berth' ? spec.sourceRef.kind : [],
    );
    assert.deepEqual(sources, ['OCIRepository', 'OCIRepository']);
    assert.ok(!manifestsOf(yaml).some(({ kind }) => kind === 'GitRepository'));
  });

  for (const guide of ['install', 'gitops']) {
    test(`accept every example of docs/${guide}.md`, async () => {
      const text = await readFile(join(project, `docs/${guide}.md`), 'utf8');
      const examples = [...text.matchAll(/```yaml\n([^`]*)```/g)].map(([, yaml]) => yaml!);
      assert.ok(examples.length > 0);
      for (const example of examples) {
        const said = await apply(example, '--dry-run=server', '--validate=strict');
        assert.deepEqual([said.code, said.stderr], [0, ''], example);
      }
    });
  }

  test('refuse a field that Flux doesn’t have, so that the tests above mean something', async () => {
    const [first] = (await build('cluster')).filter(({ kind }) => kind === 'Kustomization');
    const wrong = { ...first, spec: { ...first!.spec, dependOn: [] } };
    const said = await apply(JSON.stringify(wrong), '--dry-run=server', '--validate=strict');
    assert.match(said.stderr, /unknown field "spec.dependOn"/);
  });
});
