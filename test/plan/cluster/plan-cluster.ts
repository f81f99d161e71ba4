/** A real apiserver with Berth's webhook and reconciler beside it, all that Berth knows being open to the test. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../lab/machine/free-port.ts';
import type { KubeObject, Service } from '../../../src/core/api/kubernetes.ts';
import { isConfigKind, RAW_LIST } from '../../../src/core/config/kinds.ts';
import { formatAddress } from '../../../src/core/net/address.ts';
import { decide } from '../../../src/core/policy/decide.ts';
import { rulesFor } from '../../../src/core/policy/rules.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { isNotFound, KubeError } from '../../../src/kube/kube-error.ts';
import type { ConfigKey, LiveWorld } from '../../../src/kube/live-world.ts';
import * as resources from '../../../src/kube/resources.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { CertificateKeeper } from '../../../src/webhook/certificates/keep.ts';
import { ServingCertificate } from '../../../src/webhook/certificates/serving.ts';
import { liveReads } from '../../../src/webhook/live-reads.ts';
import { serveWebhook } from '../../../src/webhook/serve.ts';
import { createWebhook } from '../../../src/webhook/webhook.ts';
import { type Ground, startGround } from '../../admission/ground.ts';
import { startController } from '../../support/kube/controller.ts';
import { type GitObject, NAMESPACES } from './repository.ts';

const PATIENCE_MS = 60_000;
const SYSTEM = 'metallb-system';

const byKind: Readonly<Record<string, resources.Resource>> = {
  Service: resources.services,
  Namespace: resources.namespaces,
  IPAddressPool: resources.ipAddressPools,
  AddressPolicy: resources.addressPolicies,
  AddressReservation: resources.addressReservations,
};

export interface PlanCluster {
  readonly client: KubeClient;
  /** Applies as Flux does; what admission says of it, or undefined where it was taken and has taken effect. */
  apply(object: GitObject): Promise<string | undefined>;
  /** Deletes; what admission says of it, or undefined where it is gone. */
  remove(object: GitObject): Promise<string | undefined>;
  read(key: string): Promise<Service | undefined>;
  /** Makes the controller look at a Service again. */
  touch(key: string): Promise<void>;
  /** Waits until nothing that Berth has decided is still to be written. */
  settled(): Promise<void>;
  /** Removes everything that a repository brought. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openPlanCluster(): Promise<PlanCluster> {
  const ground = await startGround();
  try {
    return await withBerth(ground);
  } catch (error) {
    await ground.stop();
    throw error;
  }
}

async function withBerth(ground: Ground): Promise<PlanCluster> {
  const { client } = ground;
  const controller = await startController({ kubeconfig: ground.controlPlane.kubeconfig, name: 'plan-test' });
  const webhook = await startWebhook(client, controller.world);
  for (const name of NAMESPACES) await client.create({ resource: resources.namespaces }, { metadata: { name } });
  const { world } = controller;

  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const deadline = performance.now() + PATIENCE_MS;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
      await sleep(2);
    }
  };
  const settled = (): Promise<void> => until('everything is written', () => isSettled(world));

  return {
    client,
    settled,
    async apply(object) {
      const { kind, metadata } = object;
      const resource = byKind[kind]!;
      try {
        const stored = await client.patch<KubeObject>(
          { resource, namespace: metadata.namespace, name: metadata.name },
          object,
          {
            type: 'apply',
            fieldManager: 'kustomize-controller',
            force: true,
          },
        );
        await until(`${kind} ${metadata.name} is known`, () => isKnown(world, stored, kind));
        await settled();
        return undefined;
      } catch (error) {
        return refusalOf(error);
      }
    },
    async remove({ kind, metadata }) {
      const { name, namespace } = metadata;
      const held = kind === 'Service' ? heldFor(world, `${namespace}/${name}`) : undefined;
      try {
        await client.delete({ resource: byKind[kind]!, namespace, name });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        return refusalOf(error);
      }
      await until(`${kind} ${name} is gone`, () =>
        kind === 'Service'
          ? world.service(`${namespace}/${name}`) === undefined
          : world.object(listOf(kind), name) === undefined,
      );
      if (held !== undefined)
        await until(`${held} is written`, () => world.object('addressReservations', held) !== undefined);
      await settled();
      return undefined;
    },
    async read(key) {
      const [namespace, name = ''] = key.split('/');
      try {
        return await client.get<Service>({ resource: resources.services, namespace, name });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async touch(key) {
      const [namespace, name = ''] = key.split('/');
      const annotations = { 'test.example/touched': String(performance.now()) };
      await client.patch(
        { resource: resources.services, namespace, name },
        { metadata: { annotations } },
        { type: 'merge' },
      );
    },
    async clear() {
      const old = [...world.services().values()].filter(({ metadata }) =>
        NAMESPACES.some((each) => each === metadata.namespace),
      );
      await Promise.all(
        old.map(({ metadata: { namespace, name } }) =>
          client.delete({ resource: resources.services, namespace, name }),
        ),
      );
      await until('all Services are gone', () =>
        old.every(({ metadata }) => world.service(`${metadata.namespace}/${metadata.name}`) === undefined),
      );
      await settled();
      for (const kind of ['IPAddressPool', 'AddressPolicy', 'AddressReservation'] as const) {
        const list = listOf(kind);
        // Hold-downs of the Services that just went may still be on their way.
        for (
          let names = await namesOf(client, byKind[kind]!);
          names.length > 0;
          names = await namesOf(client, byKind[kind]!)
        ) {
          await Promise.all(names.map((name) => removeQuietly(client, byKind[kind]!, name)));
        }
        await until(`all of ${kind} are gone`, () => world.names(list).length === 0);
      }
    },
    async close() {
      await webhook.close();
      await controller.stop();
      await ground.stop();
    },
  };
}

async function namesOf(client: KubeClient, resource: resources.Resource): Promise<readonly string[]> {
  return (await client.list({ resource, namespace: SYSTEM })).items.map(({ metadata }) => metadata.name);
}

async function removeQuietly(client: KubeClient, resource: resources.Resource, name: string): Promise<void> {
  try {
    await client.delete({ resource, namespace: SYSTEM, name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function listOf(kind: string): ConfigKey {
  if (!isConfigKind(kind)) throw new Error(`${kind} is no kind of configuration`);
  return RAW_LIST[kind] as ConfigKey;
}

/** Whether decisions already go by the object as it was stored. */
function isKnown(world: LiveWorld, stored: KubeObject, kind: string): boolean {
  const { name, namespace, labels, generation, resourceVersion, uid } = stored.metadata;
  if (kind === 'Namespace') return JSON.stringify(world.namespaceLabels(name)) === JSON.stringify(labels ?? {});
  if (kind === 'Service') {
    const seen = world.service(`${namespace}/${name}`);
    // Once written to by the controller, the version is a later one.
    return seen?.metadata.uid === uid && BigInt(seen?.metadata.resourceVersion ?? 0) >= BigInt(resourceVersion ?? 0);
  }
  const seen = world.object(listOf(kind), name);
  const { configuration } = world.world();
  const inForce =
    kind === 'IPAddressPool'
      ? (configuration.pools.get(name)?.generation ?? generation) === generation
      : kind === 'AddressPolicy'
        ? (configuration.policies.find((each) => each.name === name)?.generation ?? generation) === generation
        : configuration.reservations.some((each) => each.name === name) ||
          configuration.problems.has(`${kind}/${name}`);
  return (seen?.metadata.generation ?? 0) >= (generation ?? 0) && inForce;
}

/** Whether each Service of ours has what is decided for it, written and seen, and nothing is on its way. */
function isSettled(world: LiveWorld): boolean {
  const now = world.world();
  for (const [key, service] of world.services()) {
    if (!world.isOurs(service)) {
      if (now.ledger.get(key) !== undefined) return false;
      continue;
    }
    if (world.writes.isPending(key)) return false;
    const decision = decide(world.request(service), now);
    if (decision.kind === 'assigned' ? !decision.kept : decision.released.length > 0) return false;
    const shown = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).sort();
    const wanted = decision.kind === 'assigned' ? decision.addresses.map(formatAddress).sort() : [];
    if (shown.join() !== wanted.join()) return false;
  }
  return true;
}

/** The name of the hold-down that will follow the release of a Service's addresses; undefined: none will. */
function heldFor(world: LiveWorld, key: string): string | undefined {
  const service = world.service(key);
  const now = world.world();
  if (service === undefined || now.ledger.get(key) === undefined) return undefined;
  return rulesFor(world.request(service), now).releaseDelay > 0 ? `hold-down.${key.replace('/', '.')}` : undefined;
}

/** The message of an admission webhook; any other error is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof KubeError) {
    const found = /admission webhook "[^"]+" denied the request: (.*)$/s.exec(error.message);
    if (found?.[1] !== undefined) return found[1];
  }
  throw error;
}

async function startWebhook(client: KubeClient, world: LiveWorld): Promise<{ close(): Promise<void> }> {
  const stop = new AbortController();
  const log = createLogger({ component: 'webhook', level: 'error' });
  const port = await freePort('127.0.0.1');
  const url = `https://127.0.0.1:${port}`;
  const serving = new ServingCertificate();
  const keeper = new CertificateKeeper({ client, namespace: SYSTEM, names: ['127.0.0.1'], serving, log, url });
  const kept = keeper.run(stop.signal);
  await world.synced;
  const app = createWebhook({
    view: { world: () => world.world(), raw: () => world.raw(), clusterFamilies: () => world.clusterFamilies() },
    reads: liveReads(client, SYSTEM),
    audit: { record: () => undefined },
    metrics: { answered: () => undefined, overturned: () => undefined, refused: () => undefined },
    log,
    namespace: SYSTEM,
    classRule: { own: undefined, assign: false },
  });
  const running = await serveWebhook({ app, serving, port, signal: stop.signal });
  const deadline = performance.now() + PATIENCE_MS;
  while (keeper.unready !== undefined) {
    if (performance.now() > deadline) throw new Error(`the webhook is not ready: ${keeper.unready}`);
    await sleep(20);
  }
  await neverWithout(client);
  return {
    async close() {
      stop.abort();
      await Promise.all([kept, running.closed]);
    },
  };
}

/** A review that is late must not pass as an answer. */
async function neverWithout(client: KubeClient): Promise<void> {
  for (const resource of [resources.mutatingWebhookConfigurations, resources.validatingWebhookConfigurations]) {
    const target = { resource, name: 'berth-webhook' };
    const configuration = await client.get<KubeObject & { webhooks: object[] }>(target);
    const webhooks = configuration.webhooks.map((each) => ({ ...each, failurePolicy: 'Fail', timeoutSeconds: 30 }));
    await client.replace(target, { ...configuration, webhooks } as KubeObject);
  }
}
