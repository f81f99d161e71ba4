/** Who changed what: Berth's own trail, the apiserver's audit log under the shipped policy, and no secret in either. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../lab/machine/wait.ts';
import type { KubeObject } from '../../src/core/api/kubernetes.ts';
import { connectToCluster } from '../../src/kube/client.ts';
import { customResourceDefinitions, mutatingWebhookConfigurations } from '../../src/kube/resources.ts';
import { CertificateKeeper, serviceNames } from '../../src/webhook/certificates/keep.ts';
import { ServingCertificate } from '../../src/webhook/certificates/serving.ts';
import { CONTROLLER_USER, type Controller, type Ground, project, startGround } from './ground.ts';
import { apply, configured, loadBalancer, namespace, pool } from './refusal-stage.ts';

interface Event {
  readonly level: string;
  readonly verb: string;
  readonly objectRef?: { readonly resource: string; readonly name?: string; readonly subresource?: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestObject?: unknown;
}

const auditLog = join(tmpdir(), `berth-audit-${process.pid}.log`);
let ground: Ground;
let controller: Controller;

before(async () => {
  ground = await startGround({
    extraApiserverFlags: [
      `--audit-policy-file=${join(project, 'kustomize/components/audit-policy/audit-policy.yaml')}`,
      `--audit-log-path=${auditLog}`,
    ],
  });
});
after(async () => {
  await ground?.stop();
  rmSync(auditLog, { force: true });
});

test('through its Service, the webhook’s bundle is applied beside what git says, and git can be applied again', async () => {
  const kubeconfig = await ground.controlPlane.kubeconfigFor(CONTROLLER_USER, ['system:serviceaccounts']);
  const client = await connectToCluster({ path: kubeconfig });
  const keeper = new CertificateKeeper({
    client,
    namespace: 'metallb-system',
    names: serviceNames('webhook-service', 'metallb-system'),
    serving: new ServingCertificate(),
    log: { info: () => undefined, warn: (values, message) => assert.fail(`${message} ${JSON.stringify(values)}`) },
  });
  await keeper.check(new AbortController().signal);
  assert.equal(keeper.unready, undefined);
  const read = () =>
    ground.client.get<KubeObject & { webhooks: { clientConfig: { caBundle?: string; service?: object } }[] }>({
      resource: mutatingWebhookConfigurations,
      name: 'berth-webhook',
    });
  const applied = (await read()).webhooks[0]?.clientConfig;
  assert.ok(applied?.caBundle);
  assert.ok(applied.service);
  const definition = await ground.client.get<
    KubeObject & { spec: { conversion: { webhook: { clientConfig: { caBundle?: string } } } } }
  >({ resource: customResourceDefinitions, name: 'bgppeers.metallb.io' });
  assert.equal(definition.spec.conversion.webhook.clientConfig.caBundle, applied.caBundle);
  for (const part of ['webhook', 'crds']) {
    const folder = join(project, 'kustomize/base', part);
    const { code, stderr } = await ground.kubectl(['apply', '--server-side', '-k', folder]);
    assert.equal(code, 0, stderr);
  }
  assert.equal((await read()).webhooks[0]?.clientConfig.caBundle, applied.caBundle);
  client.close();
});

test('each change and each refusal is told once in Berth’s trail, with who and what', async () => {
  controller = await ground.startController();
  await apply(ground, namespace('shop'));
  await apply(ground, pool('edge', { addresses: ['192.0.2.0/28'] }));
  await apply(ground, pool('edge', { addresses: ['192.0.2.0/27'] }));
  const peer = { myASN: 64512, peerASN: 64513, peerAddress: '10.0.0.1' };
  await apply(ground, configured('metallb.io/v1beta2', 'BGPPeer', 'router', { ...peer, password: 'hunter2-one' }));
  await apply(ground, configured('metallb.io/v1beta2', 'BGPPeer', 'router', { ...peer, password: 'hunter2-two' }));
  await apply(ground, loadBalancer('shop/web'));
  const refused = loadBalancer('shop/bad', { spec: { loadBalancerIP: '10.9.9.9' } });
  assert.notEqual((await ground.kubectl(['apply', '-f', '-'], { input: refused })).code, 0);
  const trail = ground.auditTrail(controller);
  assert.deepEqual(
    trail.map(
      ({ event, object, operation, user }) => `${user.name} ${operation} ${object.kind}/${object.name}: ${event}`,
    ),
    [
      'admin CREATE IPAddressPool/edge: configuration-change',
      'admin UPDATE IPAddressPool/edge: configuration-change',
      'admin CREATE BGPPeer/router: configuration-change',
      'admin UPDATE BGPPeer/router: configuration-change',
      'admin CREATE Service/web: assignment',
      'admin CREATE Service/bad: refusal',
    ],
  );
  assert.deepEqual(trail[1]?.change, [
    { op: 'test', path: '/spec/addresses/0', value: '192.0.2.0/28' },
    { op: 'replace', path: '/spec/addresses/0', value: '192.0.2.0/27' },
  ]);
});

function events(): readonly Event[] {
  const text = readFileSync(auditLog, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Event);
}

test('the apiserver’s audit log has the same facts, under the shipped policy', async () => {
  const found = (resource: string, name: string, verb: string, subresource?: string) => (each: Event) =>
    each.objectRef?.resource === resource &&
    each.objectRef.name === name &&
    each.objectRef.subresource === subresource &&
    each.verb === verb;
  await waitFor(() => events().some(found('services', 'web', 'patch', 'status')), {
    what: 'the address in the audit log',
    withinMs: 60_000,
  });
  const all = events();
  const updated = all.find(found('ipaddresspools', 'edge', 'patch'));
  assert.equal(updated?.level, 'Request');
  assert.match(updated.annotations?.['validate-config.berth.dev/change'] ?? '', /192\.0\.2\.0\/27/);
  const assigned = all.find(found('services', 'web', 'create'));
  assert.equal(assigned?.annotations?.['validate-service.berth.dev/pool'], 'edge');
  const refused = all.find(found('services', 'bad', 'create'));
  assert.equal(refused?.annotations?.['validate-service.berth.dev/refusal'], 'AddressOutsidePools');
  const address = all.find(found('services', 'web', 'patch', 'status'));
  assert.match(JSON.stringify(address?.requestObject), /192\.0\.2\.0/);
});

test('no password is in the trail, in the apiserver’s audit log or in the controller’s log', () => {
  for (const file of [controller.logFile, auditLog]) assert.doesNotMatch(readFileSync(file, 'utf8'), /hunter2/);
});
