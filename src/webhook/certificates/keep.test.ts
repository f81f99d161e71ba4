import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { KubeObject } from '../../core/api/kubernetes.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { ClientConfig } from './inject.ts';
import { splitBundle } from './inspect.ts';
import { CertificateKeeper, type KeeperOptions, serviceNames } from './keep.ts';
import { rotationPolicy } from './plan.ts';
import { ServingCertificate } from './serving.ts';

type Stored = KubeObject & { webhooks?: unknown; spec?: unknown };

/** An apiserver of three objects: versions each write, refuses a stale replace, merges what an apply names. */
class SmallApiserver {
  readonly objects = new Map<string, Stored>();
  readonly writes: string[] = [];
  #version = 0;
  /** Runs before the next create or replace of the Secret: the other replica being faster. */
  beforeWrite: (() => Promise<void>) | undefined;

  put(path: string, object: object): Stored {
    this.#version += 1;
    const stored = structuredClone(object) as Stored;
    (stored.metadata as { resourceVersion: string }).resourceVersion = String(this.#version);
    this.objects.set(path, stored);
    return stored;
  }

  readonly client = {
    get: async ({ resource, name }: { resource: { plural: string }; name: string }) => {
      const found = this.objects.get(`${resource.plural}/${name}`);
      if (!found) throw new KubeError(404, 'NotFound', `${name} not found`);
      return structuredClone(found);
    },
    create: async ({ resource }: { resource: { plural: string } }, object: KubeObject) => {
      await this.#runBeforeWrite();
      const path = `${resource.plural}/${object.metadata.name}`;
      if (this.objects.has(path)) throw new KubeError(409, 'AlreadyExists', 'exists');
      this.writes.push(`create ${path}`);
      return this.put(path, object);
    },
    replace: async ({ resource, name }: { resource: { plural: string }; name: string }, object: KubeObject) => {
      await this.#runBeforeWrite();
      const path = `${resource.plural}/${name}`;
      if (this.objects.get(path)?.metadata.resourceVersion !== object.metadata.resourceVersion) {
        throw new KubeError(409, 'Conflict', 'changed');
      }
      this.writes.push(`replace ${path}`);
      return this.put(path, object);
    },
    patch: async ({ resource, name }: { resource: { plural: string }; name: string }, patch: unknown) => {
      const path = `${resource.plural}/${name}`;
      const object = structuredClone(this.objects.get(path)) as Stored;
      const { webhooks, spec } = patch as { webhooks?: { name: string; clientConfig: object }[]; spec?: object };
      for (const entry of webhooks ?? []) {
        const target = (object.webhooks as { name: string; clientConfig: object }[]).find(
          ({ name }) => name === entry.name,
        );
        assert.ok(target, entry.name);
        Object.assign(target.clientConfig, entry.clientConfig);
      }
      if (spec) {
        const wanted = (spec as { conversion: { webhook: { clientConfig: object } } }).conversion.webhook.clientConfig;
        Object.assign(
          (object.spec as { conversion: { webhook: { clientConfig: object } } }).conversion.webhook.clientConfig,
          wanted,
        );
      }
      this.writes.push(`patch ${path}`);
      return this.put(path, object);
    },
  } as unknown as KeeperOptions['client'];

  async #runBeforeWrite(): Promise<void> {
    const run = this.beforeWrite;
    this.beforeWrite = undefined;
    await run?.();
  }

  bundles(): (string | undefined)[] {
    const configs: ClientConfig[] = [];
    for (const object of this.objects.values()) {
      for (const { clientConfig } of (object.webhooks ?? []) as { clientConfig: ClientConfig }[])
        configs.push(clientConfig);
      const conversion = (object.spec as { conversion?: { webhook?: { clientConfig: ClientConfig } } } | undefined)
        ?.conversion;
      if (conversion?.webhook) configs.push(conversion.webhook.clientConfig);
    }
    return configs.map(({ caBundle }) => caBundle && Buffer.from(caBundle, 'base64').toString('utf8'));
  }
}

const service = { name: 'webhook-service', namespace: 'metallb-system', path: '/x' };

function apiserver(): SmallApiserver {
  const server = new SmallApiserver();
  for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    server.put(`${plural}/berth-webhook`, {
      metadata: { name: 'berth-webhook' },
      webhooks: [
        { name: 'a.berth.dev', clientConfig: { service } },
        { name: 'b.berth.dev', clientConfig: { service } },
      ],
    });
  }
  server.put('customresourcedefinitions/bgppeers.metallb.io', {
    metadata: { name: 'bgppeers.metallb.io' },
    spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { service } } } },
  });
  return server;
}

interface Replica {
  readonly keeper: CertificateKeeper;
  readonly serving: ServingCertificate;
  readonly warnings: string[];
}

function replica(server: SmallApiserver, more: Partial<KeeperOptions> = {}): Replica {
  const serving = new ServingCertificate();
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_: object, message: string) => void warnings.push(message) };
  const names = serviceNames('webhook-service', 'metallb-system');
  const keeper = new CertificateKeeper({
    client: server.client,
    namespace: 'metallb-system',
    names,
    serving,
    log,
    ...more,
  });
  return { keeper, serving, warnings };
}

const { signal } = new AbortController();

test('the first look makes a certificate, serves it and makes the apiserver trust it everywhere', async () => {
  const server = apiserver();
  const { keeper, serving } = replica(server);
  assert.match(keeper.unready ?? '', /no certificate yet/);
  await keeper.check(signal);
  assert.equal(keeper.unready, undefined);
  const bundles = server.bundles();
  assert.equal(bundles.length, 5);
  const leaf = new X509Certificate(serving.pair?.certificate ?? '');
  for (const bundle of bundles) assert.ok(leaf.verify(new X509Certificate(bundle ?? '').publicKey));
});

test('a second look writes nothing', async () => {
  const server = apiserver();
  const { keeper } = replica(server);
  await keeper.check(signal);
  const { length } = server.writes;
  await keeper.check(signal);
  assert.equal(server.writes.length, length);
});

test('two replicas that start together serve one certificate', async () => {
  const server = apiserver();
  const [one, two] = [replica(server), replica(server)];
  server.beforeWrite = () => two.keeper.check(signal);
  await one.keeper.check(signal);
  assert.equal(one.serving.pair?.certificate, two.serving.pair?.certificate);
  assert.deepEqual(
    server.writes.filter((write) => write.includes('secrets')),
    ['create secrets/berth-webhook-cert'],
  );
});

test('two replicas that renew together serve one certificate', async () => {
  const server = apiserver();
  let now = Date.now();
  const clock = { now: () => now };
  const [one, two] = [replica(server, clock), replica(server, clock)];
  await one.keeper.check(signal);
  await two.keeper.check(signal);
  const first = one.serving.pair?.certificate;
  now += rotationPolicy.leafLife * 0.7;
  server.beforeWrite = () => two.keeper.check(signal);
  await one.keeper.check(signal);
  assert.notEqual(one.serving.pair?.certificate, first);
  assert.equal(one.serving.pair?.certificate, two.serving.pair?.certificate);
});

test('a bundle that somebody removed is written again', async () => {
  const server = apiserver();
  const { keeper } = replica(server);
  await keeper.check(signal);
  const good = server.bundles()[0];
  const path = 'validatingwebhookconfigurations/berth-webhook';
  server.put(path, { ...server.objects.get(path), webhooks: [{ name: 'a.berth.dev', clientConfig: { service } }] });
  await keeper.check(signal);
  assert.deepEqual(new Set(server.bundles()), new Set([good]));
});

test('a missing webhook configuration keeps the replica from being ready, and is named', async () => {
  const server = apiserver();
  server.objects.delete('mutatingwebhookconfigurations/berth-webhook');
  const { keeper } = replica(server);
  await keeper.check(signal);
  assert.match(keeper.unready ?? '', /MutatingWebhookConfiguration berth-webhook does not exist/);
});

test('a Secret with a key of another certificate is repaired', async () => {
  const server = apiserver();
  const { keeper, serving } = replica(server);
  await keeper.check(signal);
  const secret = server.objects.get('secrets/berth-webhook-cert') as unknown as { data: Record<string, string> };
  const data = { ...secret.data, 'tls.key': secret.data['ca.key'] };
  server.put('secrets/berth-webhook-cert', { ...secret, data });
  await keeper.check(signal);
  const now = server.objects.get('secrets/berth-webhook-cert') as unknown as { data: Record<string, string> };
  assert.equal(Buffer.from(now.data['tls.crt'] ?? '', 'base64').toString(), serving.pair?.certificate);
  assert.equal(splitBundle(server.bundles()[0] ?? '').length, 1);
});

test('a failed call is told by readiness and does not end the keeper', async () => {
  const server = apiserver();
  const ending = new AbortController();
  let calls = 0;
  const client = {
    ...server.client,
    get: async () => {
      calls += 1;
      if (calls === 2) ending.abort();
      throw new KubeError(403, 'Forbidden', 'secrets is forbidden');
    },
  } as unknown as KeeperOptions['client'];
  const { keeper, warnings } = replica(server, { client, checkEveryMs: 1 });
  await keeper.run(ending.signal);
  assert.match(keeper.unready ?? '', /secrets is forbidden/);
  assert.ok(warnings.length > 0);
});

test('outside the cluster the webhooks are reached by URL, path by path', async () => {
  const server = apiserver();
  const { keeper } = replica(server, { url: 'https://10.0.0.9:9443' });
  await keeper.check(signal);
  const path = 'validatingwebhookconfigurations/berth-webhook';
  const [first] = (server.objects.get(path)?.webhooks ?? []) as { clientConfig: ClientConfig & { service: unknown } }[];
  assert.equal(first?.clientConfig.url, 'https://10.0.0.9:9443/x');
  assert.equal(first?.clientConfig.service, null);
  const { length } = server.writes;
  await keeper.check(signal);
  assert.equal(server.writes.length, length);
});
