/** A real apiserver with Berth's webhook and reconciler beside it, all that Berth knows being open to the test. */
import { isDeepStrictEqual } from 'node:util';
import { freePort } from '../../../lab/machine/free-port.ts';
import { waitFor } from '../../../lab/machine/wait.ts';
import type { KubeObject, Service } from '../../../src/core/api/kubernetes.ts';
import { buildConfiguration } from '../../../src/core/config/build.ts';
import { isConfigKind, RAW_LIST } from '../../../src/core/config/kinds.ts';
import { formatAddress } from '../../../src/core/net/address.ts';
import { decide } from '../../../src/core/policy/decide.ts';
import { holdDownName } from '../../../src/core/policy/hold-down.ts';
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
import { type GitObject, keyOf, NAMESPACES } from './repository.ts';

const PATIENCE_MS = 120_000;
/** Of one call, an admission in it. */
const CALL_MS = 60_000;
/** Of one review: the longest that an apiserver grants. Less than it, the live reads that confirm a refusal. */
const REVIEW_SECONDS = 30;
const CONFIRM_MS = 25_000;
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
  const { overturned } = webhook;
  for (const name of NAMESPACES) await client.create({ resource: resources.namespaces }, { metadata: { name } });
  const { world } = controller;

  const until = (what: string, holds: () => boolean): Promise<boolean> =>
    waitFor(holds, { what, withinMs: PATIENCE_MS, everyMs: 2 });
  const settled = async (): Promise<void> => {
    await until('the configuration to be in force', () => isInForce(world));
    await until('everything to be written', () => isSettled(world));
  };

  const isHeld = (name: string): Promise<boolean> =>
    until(`${name} to be written`, () => world.object('addressReservations', name) !== undefined);

  return {
    client,
    settled,
    async apply(object) {
      const { kind, metadata } = object;
      const resource = byKind[kind]!;
      const held = kind === 'Service' ? heldFor(world, `${metadata.namespace}/${metadata.name}`) : undefined;
      try {
        const stored = await client.patch<KubeObject>(
          { resource, namespace: metadata.namespace, name: metadata.name },
          object,
          {
            type: 'apply',
            fieldManager: 'kustomize-controller',
            force: true,
            timeoutMs: CALL_MS,
          },
        );
        await until(`${kind} ${metadata.name} to be known`, () => isKnown(world, stored, kind));
        await settled();
        if (held !== undefined && !world.isOurs(stored as Service)) await isHeld(held);
      } catch (error) {
        return refusalOf(error);
      }
      // Nobody was asked, or nobody answered in time: that is no answer that a plan could foresee.
      if (overturned.length > 0) throw new Error(`${keyOf(object)} was admitted unconfirmed: ${overturned.join('; ')}`);
      return undefined;
    },
    async remove({ kind, metadata }) {
      const { name, namespace } = metadata;
      const held = kind === 'Service' ? heldFor(world, `${namespace}/${name}`) : undefined;
      try {
        await client.delete({ resource: byKind[kind]!, namespace, name }, { timeoutMs: CALL_MS });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        return refusalOf(error);
      }
      await until(`${kind} ${name} to be gone`, () =>
        kind === 'Service'
          ? world.service(`${namespace}/${name}`) === undefined
          : world.object(listOf(kind), name) === undefined,
      );
      if (held !== undefined) await isHeld(held);
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
      await until('all Services to be gone', () =>
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
        await until(`all of ${kind} to be gone`, () => world.names(list).length === 0);
      }
      await settled();
      overturned.length = 0;
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

/** Whether the object, as it was stored or later, was taken in. */
function isKnown(world: LiveWorld, stored: KubeObject, kind: string): boolean {
  const { name, namespace, labels, resourceVersion, uid } = stored.metadata;
  if (kind === 'Namespace') return isDeepStrictEqual(world.namespaceLabels(name), labels ?? {});
  const seen = kind === 'Service' ? world.service(`${namespace}/${name}`) : world.object(listOf(kind), name);
  // Once written to by the controller, the version is a later one.
  return seen?.metadata.uid === uid && BigInt(seen?.metadata.resourceVersion ?? 0) >= BigInt(resourceVersion ?? 0);
}

/** Whether decisions go by all that was taken in: on a busy machine the configuration is built a while after. */
function isInForce(world: LiveWorld): boolean {
  return isDeepStrictEqual(world.world().configuration, buildConfiguration(world.raw()));
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

/** The name of the hold-down that would follow the release of a Service's addresses; undefined: none would. */
function heldFor(world: LiveWorld, key: string): string | undefined {
  const service = world.service(key);
  const now = world.world();
  const { ledger } = now;
  // What others share, or lies in no pool, isn't kept.
  const free = ledger
    .get(key)
    ?.addresses.some((each) => ledger.holders(each).length === 1 && ledger.poolOf(each) !== undefined);
  if (service === undefined || free !== true) return undefined;
  return rulesFor(world.request(service), now).releaseDelay > 0 ? holdDownName(key) : undefined;
}

/** The message of an admission webhook; any other error is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof KubeError) {
    const found = /admission webhook "[^"]+" denied the request: (.*)$/s.exec(error.message);
    if (found?.[1] !== undefined) return found[1];
  }
  throw error;
}

interface RunningWebhook {
  /** Refusals that didn't stand, with why. */
  readonly overturned: string[];
  close(): Promise<void>;
}

async function startWebhook(client: KubeClient, world: LiveWorld): Promise<RunningWebhook> {
  await neverWithout(client);
  const stop = new AbortController();
  const log = createLogger({ component: 'webhook', level: 'error' });
  const port = await freePort('127.0.0.1');
  const url = `https://127.0.0.1:${port}`;
  const serving = new ServingCertificate();
  const keeper = new CertificateKeeper({ client, namespace: SYSTEM, names: ['127.0.0.1'], serving, log, url });
  const kept = keeper.run(stop.signal);
  await world.synced;
  const overturned: string[] = [];
  const app = createWebhook({
    view: { world: () => world.world(), raw: () => world.raw(), clusterFamilies: () => world.clusterFamilies() },
    reads: liveReads(client, SYSTEM),
    audit: { record: () => undefined },
    metrics: {
      answered: () => undefined,
      overturned: (reason, why) => void overturned.push(`${reason} ${why}`),
      refused: () => undefined,
    },
    log,
    namespace: SYSTEM,
    classRule: { own: undefined, assign: false },
    confirmWithinMs: CONFIRM_MS,
  });
  const running = await serveWebhook({ app, serving, port, signal: stop.signal });
  await waitFor(async () => keeper.unready === undefined && (await admissionFault(client)) === undefined, {
    what: 'a Service to be reviewed',
    withinMs: PATIENCE_MS,
    hint: () => keeper.unready ?? 'the apiserver does not reach the webhook',
  });
  return {
    overturned,
    async close() {
      stop.abort();
      await Promise.all([kept, running.closed]);
    },
  };
}

/** A review that is late or missing must not pass as an answer; back when the apiserver goes by it. */
async function neverWithout(client: KubeClient): Promise<void> {
  // The one that mutates is asked first: if it insisted already, that the other one does could not be seen.
  for (const [resource, webhook] of [
    [resources.validatingWebhookConfigurations, 'validate-service'],
    [resources.mutatingWebhookConfigurations, 'mutate-service'],
  ] as const) {
    const target = { resource, name: 'berth-webhook' };
    const configuration = await client.get<KubeObject & { webhooks: object[] }>(target);
    const insisting = { failurePolicy: 'Fail', timeoutSeconds: REVIEW_SECONDS };
    const webhooks = configuration.webhooks.map((each) => ({ ...each, ...insisting }));
    await client.replace(target, { ...configuration, webhooks } as KubeObject);
    await waitFor(async () => (await admissionFault(client))?.includes(`failed calling webhook "${webhook}`), {
      what: `the apiserver to insist on ${webhook}`,
      withinMs: PATIENCE_MS,
    });
  }
}

/** Why the apiserver can't have a Service reviewed; undefined where it can, or lets it pass without. */
async function admissionFault(client: KubeClient): Promise<string | undefined> {
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }], allocateLoadBalancerNodePorts: false };
  try {
    await client.create(
      { resource: resources.services, namespace: 'default' },
      { metadata: { name: 'asked' }, spec } as KubeObject,
      { query: { dryRun: 'All' } },
    );
    return undefined;
  } catch (error) {
    if (error instanceof KubeError) return / denied the request: /.test(error.message) ? undefined : error.message;
    throw error;
  }
}
