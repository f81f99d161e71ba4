/** The component that makes the label `berth.dev/pool` a privilege: whoever sets it needs the verb `use` on the pool. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../lab/machine/wait.ts';
import { type Ground, project, startGround } from './ground.ts';
import { apply, namespace } from './refusal-stage.ts';

let ground: Ground;
let dana: string;

before(async () => {
  ground = await startGround();
  dana = await ground.controlPlane.kubeconfigFor('dana');
  for (const args of [
    ['apply', '-f', join(project, 'kustomize/components/namespace-label-privilege/policy.yaml')],
    [
      'create',
      'clusterrole',
      'namespaces',
      '--verb=create,get,update,patch',
      '--resource=namespaces,namespaces/status,namespaces/finalize',
    ],
    ['create', 'clusterrolebinding', 'namespaces', '--clusterrole=namespaces', '--user=dana'],
    ['create', 'rolebinding', 'use-edge', '-n', 'metallb-system', '--role=use-edge', '--user=dana'],
  ]) {
    const { code, stderr } = await ground.kubectl(args);
    assert.equal(code, 0, stderr);
  }
  // `kubectl create role` knows the verbs of its own kinds alone.
  await apply(ground, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'use-edge', namespace: 'metallb-system' },
    rules: [{ apiGroups: ['metallb.io'], resources: ['ipaddresspools'], resourceNames: ['edge'], verbs: ['use'] }],
  });
  await apply(ground, namespace('plain'));
  await apply(ground, namespace('labelled', { 'berth.dev/pool': 'payments' }));
  await waitFor(
    async () =>
      (await asDana(['label', 'namespace', 'plain', 'berth.dev/pool=payments', '--dry-run=server'])).code !== 0,
    {
      what: 'the admission policy to be in force',
      withinMs: 60_000,
    },
  );
});
after(() => ground?.stop());

const asDana = (args: readonly string[]) => ground.kubectl(args, { kubeconfig: dana });
const labels = (value: string | null): string => JSON.stringify({ metadata: { labels: { 'berth.dev/pool': value } } });
const patch = (of: string, body: string, ...more: string[]) => [
  'patch',
  'namespace',
  of,
  '--type=merge',
  '-p',
  body,
  ...more,
];

const rows: readonly { name: string; args: readonly string[]; allowed: boolean }[] = [
  { name: 'the label of a pool that one may use can be set', args: patch('plain', labels('edge')), allowed: true },
  { name: 'the label of another pool can not', args: patch('plain', labels('payments')), allowed: false },
  { name: 'nor through the status', args: patch('plain', labels('payments'), '--subresource=status'), allowed: false },
  { name: 'the label can be removed', args: patch('plain', labels(null)), allowed: true },
  {
    name: 'a namespace that has the label can be edited otherwise',
    args: patch('labelled', '{"metadata":{"labels":{"a":"b"}}}'),
    allowed: true,
  },
  {
    name: 'and its label can be changed to a pool that one may use',
    args: patch('labelled', labels('edge')),
    allowed: true,
  },
  { name: 'but not back', args: patch('labelled', labels('payments')), allowed: false },
];

for (const { name, args, allowed } of rows) {
  test(name, async () => {
    const { code, stderr } = await asDana(args);
    assert.equal(code === 0, allowed, stderr);
    if (!allowed) assert.match(stderr, /dana lacks the verb "use" on IPAddressPool metallb-system\/payments; ask/);
  });
}

test('an administrator has every verb', async () => {
  const { code, stderr } = await ground.kubectl(patch('labelled', labels('payments')));
  assert.equal(code, 0, stderr);
});
