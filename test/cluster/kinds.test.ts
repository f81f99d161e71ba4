/** The kinds on a real apiserver: what it takes, what it refuses, what kubectl shows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../../lab/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane.ts';
import { attempt, run } from '../../lab/machine/run.ts';
import { ALL_KINDS } from '../../src/core/api/all-kinds.ts';
import { customResourceDefinition } from '../../src/core/api/custom-resource-definition.ts';
import { definitionName } from '../../src/core/api/kind-definition.ts';
import { NAMESPACE } from '../../src/core/api/names.ts';
import { examplesOf, pages } from '../support/doc-examples.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-kinds-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the kinds on a real apiserver', () => {
  let controlPlane: ControlPlane;
  let kubectl: readonly string[];
  const ask = (...args: string[]) => run([...kubectl, '-n', NAMESPACE, ...args]);
  const apply = (object: object, ...flags: string[]) =>
    attempt([...kubectl, 'apply', '-f', '-', '--validate=strict', ...flags], { input: JSON.stringify(object) });

  before(async () => {
    controlPlane = await startControlPlane({ directory: join(folder, 'cp') });
    kubectl = [await findProgram('kubectl'), '--kubeconfig', controlPlane.kubeconfig];
    const items = ALL_KINDS.map(customResourceDefinition);
    await run([...kubectl, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    await run([...kubectl, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=120s']);
    await run([...kubectl, 'create', 'namespace', NAMESPACE]);
  });
  after(() => controlPlane?.stop());

  test('takes every example of docs/kinds, no field unknown', async () => {
    const items = pages()
      .flatMap(examplesOf)
      .flatMap(({ objects }) => objects)
      // Served under conversion by a webhook that doesn't run here.
      .filter(({ apiVersion, kind }) => apiVersion !== 'metallb.io/v1beta1' || kind !== 'BGPPeer');
    const said = await apply({ apiVersion: 'v1', kind: 'List', items }, '--dry-run=server');
    assert.equal(said.code, 0, said.stderr);
  });

  test('keeps AS numbers and preferences of 32 bits', async () => {
    const spec = { myASN: 4294967295, peerASN: 4200000000, peerAddress: '192.0.2.1', enableGracefulRestart: true };
    assert.equal((await apply(object('metallb.io/v1beta2', 'BGPPeer', 'wide', spec))).code, 0);
    const peer = JSON.parse(await ask('get', 'bgppeer', 'wide', '-o', 'json'));
    assert.deepEqual(peer.spec, { ...spec, peerPort: 179, disableMP: false, dualStackAddressFamily: false });
    const advertisement = object('metallb.io/v1beta1', 'BGPAdvertisement', 'wide', { localPref: 4294967295 });
    assert.equal((await apply(advertisement)).code, 0);
  });

  test('refuses what no schema can hold', async (t) => {
    const rows: readonly [name: string, apiVersion: string, kind: string, spec: object, message: RegExp][] = [
      ['a pool without addresses', 'metallb.io/v1beta1', 'IPAddressPool', {}, /spec\.addresses: Required/],
      ['an AS number beyond 32 bits', 'metallb.io/v1beta2', 'BGPPeer', { myASN: 4294967296 }, /myASN/],
      [
        'half a second of connect time',
        'metallb.io/v1beta2',
        'BGPPeer',
        { myASN: 1, connectTime: '1500ms' },
        /whole seconds/,
      ],
      [
        'a connect time of a day',
        'metallb.io/v1beta2',
        'BGPPeer',
        { myASN: 1, connectTime: '24h' },
        /from 1s to 65535s/,
      ],
      ['a detection multiplier of 1', 'metallb.io/v1beta1', 'BFDProfile', { detectMultiplier: 1 }, /detectMultiplier/],
      [
        'an unknown strategy',
        'berth.dev/v1alpha1',
        'AddressPolicy',
        { strategy: 'Random' },
        /Unsupported value: "Random"/,
      ],
      ['a negative quota', 'berth.dev/v1alpha1', 'AddressPolicy', { quota: { services: -1 } }, /spec\.quota\.services/],
      [
        'a reservation for nobody',
        'berth.dev/v1alpha1',
        'AddressReservation',
        { addresses: ['192.0.2.1'] },
        /spec\.namespace: Required/,
      ],
      [
        'a misspelt field',
        'metallb.io/v1beta1',
        'IPAddressPool',
        { addresses: [], autoassign: true },
        /unknown field "spec\.autoassign"/,
      ],
    ];
    for (const [name, apiVersion, kind, spec, message] of rows) {
      await t.test(name, async () => {
        const said = await apply(object(apiVersion, kind, 'bad', spec), '--dry-run=server');
        assert.notEqual(said.code, 0);
        assert.match(said.stderr, message);
      });
    }
  });

  test('lets graceful restart be chosen once', async () => {
    const spec = { myASN: 1, peerASN: 2, peerAddress: '192.0.2.9', enableGracefulRestart: true };
    assert.equal((await apply(object('metallb.io/v1beta2', 'BGPPeer', 'once', spec))).code, 0);
    const said = await apply(
      object('metallb.io/v1beta2', 'BGPPeer', 'once', { ...spec, enableGracefulRestart: false }),
    );
    assert.match(said.stderr, /can only be chosen when the BGPPeer is created/);
  });

  test('shows a pool at a glance, and keeps its status apart from its spec', async () => {
    assert.equal(
      (await apply(object('metallb.io/v1beta1', 'IPAddressPool', 'edge', { addresses: ['192.0.2.0/28'] }))).code,
      0,
    );
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'InForce',
      message: 'x',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const status = {
      assignedIPv4: 3,
      availableIPv4: 13,
      assignedIPv6: 0,
      availableIPv6: Number.MAX_SAFE_INTEGER,
      observedGeneration: 1,
      conditions: [ready],
    };
    const patch = JSON.stringify({ status, spec: { autoAssign: false } });
    await ask('patch', 'ipaddresspool', 'edge', '--subresource=status', '--type=merge', '-p', patch);
    const pool = JSON.parse(await ask('get', 'ipaddresspool', 'edge', '-o', 'json'));
    assert.deepEqual(pool.status, status);
    assert.equal(pool.spec.autoAssign, true);
    assert.equal(pool.metadata.generation, 1);
    const table = await ask('get', 'ipaddresspools');
    assert.match(table, /NAME\s+ADDRESSES\s+AUTO ASSIGN\s+IPV4 USED\s+IPV4 FREE\s+IPV6 USED\s+IPV6 FREE\s+READY\s+AGE/);
    assert.match(table, /edge\s+\["192\.0\.2\.0\/28"\]\s+true\s+3\s+13\s+0\s+9007199254740991\s+True/);
    await ask('wait', '--for=condition=Ready', 'ipaddresspool/edge', '--timeout=60s');
  });

  test('has a status subresource for every kind', async () => {
    const definitions = JSON.parse(await ask('get', 'crd', '-o', 'json')).items as {
      metadata: { name: string };
      spec: { versions: { subresources?: { status?: object } }[] };
    }[];
    for (const kind of ALL_KINDS) {
      const definition = definitions.find(({ metadata }) => metadata.name === definitionName(kind));
      assert.ok(
        definition?.spec.versions.every(({ subresources }) => subresources?.status !== undefined),
        definitionName(kind),
      );
    }
  });
});

function object(apiVersion: string, kind: string, name: string, spec: object): object {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec };
}
