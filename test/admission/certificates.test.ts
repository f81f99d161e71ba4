/** The webhook's certificates on a real apiserver: kept by two replicas under the shipped rights, renewed under load. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../lab/machine/free-port.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import type { KubeObject } from '../../src/core/api/kubernetes.ts';
import { connectToCluster, type KubeClient } from '../../src/kube/client.ts';
import { communities, secrets, validatingWebhookConfigurations } from '../../src/kube/resources.ts';
import { createApp } from '../../src/webhook/app.ts';
import type { ClientConfig } from '../../src/webhook/certificates/inject.ts';
import { splitBundle } from '../../src/webhook/certificates/inspect.ts';
import { CertificateKeeper } from '../../src/webhook/certificates/keep.ts';
import { fromSecret, type Secret } from '../../src/webhook/certificates/secret.ts';
import { ServingCertificate } from '../../src/webhook/certificates/serving.ts';
import { type RunningWebhook, serveWebhook } from '../../src/webhook/serve.ts';
import { CONTROLLER_USER, type Ground, startGround } from './ground.ts';
import { configured } from './refusal-stage.ts';

/** A leaf is renewed each 4 s, an authority each 20 s; certificates count in whole seconds. */
const policy = { authorityLife: 30_000, leafLife: 6_000, backdate: 2_000, settle: 3_000 };

const configuration = { resource: validatingWebhookConfigurations, name: 'berth-webhook' };
const secretTarget = { resource: secrets, namespace: 'metallb-system', name: 'berth-webhook-cert' };

let ground: Ground;
let controller: KubeClient;
const ending = new AbortController();
const replicas: {
  readonly keeper: CertificateKeeper;
  readonly serving: ServingCertificate;
  readonly done: Promise<void>;
}[] = [];
let running: RunningWebhook;
let reviews = 0;
const steps: string[] = [];

before(async () => {
  ground = await startGround();
  const kubeconfig = await ground.controlPlane.kubeconfigFor(CONTROLLER_USER, ['system:serviceaccounts']);
  controller = await connectToCluster({ path: kubeconfig });
  const port = await freePort('127.0.0.1');
  for (let index = 0; index < 2; index += 1) {
    const serving = new ServingCertificate();
    const log = {
      info: (values: object) => void ('step' in values && steps.push(String(values.step))),
      warn: (values: object, message: string) => console.error(message, values),
    };
    const keeper = new CertificateKeeper({
      ...{ client: controller, namespace: 'metallb-system', names: ['127.0.0.1'], serving, log, policy },
      url: `https://127.0.0.1:${port}`,
      checkEveryMs: 300,
    });
    replicas.push({ keeper, serving, done: keeper.run(ending.signal) });
  }
  const answer = async () => {
    reviews += 1;
    return { kind: 'allowed' as const };
  };
  const app = createApp({
    mutateService: answer,
    validateService: answer,
    validateConfig: answer,
    metrics: { answered: () => undefined, refused: () => undefined, overturned: () => undefined },
    log: { error: (values) => console.error(values) },
  });
  const { serving } = replicas[0]!;
  running = await serveWebhook({ app, serving, port, host: '127.0.0.1', drainMs: 0, signal: ending.signal });
  await waitFor(() => replicas.every(({ keeper }) => keeper.unready === undefined), {
    what: 'both replicas to be ready',
    withinMs: 60_000,
  });
});
after(async () => {
  ending.abort();
  await Promise.all(replicas.map(({ done }) => done));
  await running?.closed;
  controller?.close();
  await ground?.stop();
});

const community = configured('metallb.io/v1beta1', 'Community', 'x', {
  communities: [{ name: 'a', value: '64512:1' }],
}) as unknown as KubeObject;

/** A request that fails where the webhook can't be called: its webhook fails closed. */
async function ask(): Promise<void> {
  await ground.client.create({ resource: communities, namespace: 'metallb-system' }, community, {
    query: { dryRun: 'All' },
  });
}

async function bundles(): Promise<readonly (string | undefined)[]> {
  const found = await ground.client.get<KubeObject & { webhooks: { clientConfig: ClientConfig }[] }>(configuration);
  return found.webhooks.map(({ clientConfig }) => clientConfig.caBundle);
}

test('both replicas have the same certificate, and one of them made it', async () => {
  assert.equal(steps.filter((step) => step === 'create').length, 1);
  await waitFor(() => replicas[0]!.serving.pair?.certificate === replicas[1]!.serving.pair?.certificate, {
    what: 'one certificate in both replicas',
    withinMs: 60_000,
  });
});

test('the apiserver calls the webhook, and goes on while leaf and authority are renewed again and again', async () => {
  const served = new Set<string | undefined>();
  const trusted = new Set<string>();
  let asked = 0;
  await waitFor(
    async () => {
      await ask();
      asked += 1;
      served.add(replicas[0]!.serving.pair?.certificate);
      if (asked % 20 === 0) {
        for (const bundle of await bundles()) {
          for (const one of splitBundle(Buffer.from(bundle ?? '', 'base64').toString())) trusted.add(one);
        }
      }
      return served.size >= 8 && steps.filter((step) => step === 'promote-authority').length >= 2;
    },
    {
      what: 'eight leaves and two changes of authority',
      withinMs: 300_000,
      everyMs: 20,
      hint: () => `${served.size} leaves seen, steps: ${steps.join(' ')}`,
    },
  );
  assert.ok(reviews >= asked, 'each request was really asked about');
  assert.ok(trusted.size >= 3);
});

test('a bundle that somebody takes away is back in a moment', async () => {
  const found = await ground.client.get<KubeObject & { webhooks: { name: string }[] }>(configuration);
  await ground.client.patch(
    configuration,
    { webhooks: found.webhooks.map(({ name }) => ({ name, clientConfig: { caBundle: null } })) },
    { type: 'strategic-merge' },
  );
  await waitFor(async () => (await bundles()).every((bundle) => bundle), { what: 'the bundle', withinMs: 60_000 });
});

test('a Secret that somebody deletes is made anew, and requests go on', async () => {
  await ground.client.delete(secretTarget);
  await waitFor(
    async () => {
      const secret = await readSecret();
      return secret && fromSecret(secret).certificate === replicas[0]!.serving.pair?.certificate;
    },
    { what: 'a new certificate', withinMs: 60_000 },
  );
  await waitFor(() => replicas.every(({ keeper }) => keeper.unready === undefined), {
    what: 'readiness',
    withinMs: 60_000,
  });
  // The apiserver takes a new bundle up some moments after it was written.
  await waitFor(
    () =>
      ask().then(
        () => true,
        () => false,
      ),
    { what: 'an answered request', withinMs: 60_000 },
  );
  await sleep(500);
  await ask();
});

async function readSecret(): Promise<Secret | undefined> {
  const { items } = await ground.client.list<Secret>({ resource: secrets, namespace: 'metallb-system' });
  return items.find(({ metadata }) => metadata.name === secretTarget.name);
}

test('the bundle is owned by the certificates’ own field manager', async () => {
  const found = await ground.client.get<KubeObject & { metadata: { managedFields: { manager: string }[] } }>(
    configuration,
  );
  assert.ok(found.metadata.managedFields.some(({ manager }) => manager === 'berth-certificates'));
});
