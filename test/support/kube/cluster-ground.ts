/** A real etcd and apiserver with Berth's kinds in it, and hands to work on it as users would. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { type ControlPlane, startControlPlane } from '../../../lab/control-plane.ts';
import type { Condition, KubeObject, Labels, Service } from '../../../src/core/api/kubernetes.ts';
import { connectToCluster, type KubeClient } from '../../../src/kube/client.ts';
import { isNotFound } from '../../../src/kube/kube-error.ts';
import type { Resource } from '../../../src/kube/resources.ts';
import * as resources from '../../../src/kube/resources.ts';

export const configNamespace = 'metallb-system';
export const controllerAccount = 'system:serviceaccount:metallb-system:controller';
/** As a busy machine may need. */
export const patienceMs = 120_000;

export interface ServiceWish {
  readonly annotations?: Labels;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export class ClusterGround {
  readonly plane: ControlPlane;
  readonly client: KubeClient;
  readonly #directory: string;

  private constructor(plane: ControlPlane, client: KubeClient, directory: string) {
    this.plane = plane;
    this.client = client;
    this.#directory = directory;
  }

  static async open(): Promise<ClusterGround> {
    const directory = mkdtempSync(join(tmpdir(), 'berth-kube-'));
    const plane = await startControlPlane({
      directory: join(directory, 'plane'),
      auditLog: true,
      serviceCidrs: ['10.96.0.0/12', 'fd00:96::/108'],
    });
    const client = await connectToCluster({ path: plane.kubeconfig }, { userAgent: 'test' });
    const ground = new ClusterGround(plane, client, directory);
    await ground.#install();
    return ground;
  }

  async close(): Promise<void> {
    this.client.close();
    await this.plane.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #install(): Promise<void> {
    const folder = new URL('../../../kustomize/base/crds/', import.meta.url);
    for (const file of readdirSync(folder).filter((name) => name.includes('_'))) {
      for (const document of parseAllDocuments(readFileSync(new URL(file, folder), 'utf8'))) {
        const definition = document.toJS() as KubeObject & { spec: { conversion?: unknown } };
        // The webhook that converts isn't part of this ground.
        delete definition.spec.conversion;
        await this.client.create({ resource: resources.customResourceDefinitions }, definition);
      }
    }
    await this.namespace(configNamespace);
    const kinds = [
      resources.ipAddressPools,
      resources.bgpPeers,
      resources.addressPolicies,
      resources.addressReservations,
    ];
    for (const resource of kinds) {
      await this.until(`${resource.kind} is served`, async () => {
        try {
          await this.client.list({ resource });
          return true;
        } catch (error) {
          if (isNotFound(error)) return undefined;
          throw error;
        }
      });
    }
  }

  /** A kubeconfig with the rights of the controller's account, as they are shipped, and no others. */
  async controllerKubeconfig(): Promise<string> {
    const file = new URL('../../../kustomize/base/rbac/controller.yaml', import.meta.url);
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
      const object = document.toJS() as KubeObject;
      const plural = `${object.kind?.toLowerCase()}s`;
      const scope = object.metadata.namespace === undefined ? '' : `/namespaces/${object.metadata.namespace}`;
      await this.client.request('POST', `/apis/rbac.authorization.k8s.io/v1${scope}/${plural}`, { body: object });
    }
    return this.plane.kubeconfigFor(controllerAccount, ['system:serviceaccounts', 'system:authenticated']);
  }

  /** Requests that the apiserver refused to somebody for lack of rights. */
  forbidden(username: string): readonly string[] {
    return this.plane
      .requests()
      .filter(({ user, responseStatus }) => user.username === username && responseStatus?.code === 403)
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  }

  /** Waits until `look` gives something, and gives it. */
  async until<T>(
    what: string,
    look: () => T | undefined | Promise<T | undefined>,
    explain: () => string = () => '',
  ): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      assert.ok(performance.now() < deadline, `waited in vain: ${what} ${explain()}`);
      await sleep(20);
    }
  }

  async namespace(name: string, labels: Labels = {}): Promise<void> {
    await this.client.create({ resource: resources.namespaces }, { metadata: { name, labels } });
  }

  async configure(resource: Resource, name: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
    const object = {
      apiVersion: resources.apiVersionOf(resource),
      kind: resource.kind,
      metadata: { name, namespace: configNamespace },
      spec,
    };
    const target = { resource, namespace: configNamespace, name };
    await this.client.patch(target, object, { type: 'apply', fieldManager: 'author', force: true });
  }

  /** A pool that is given only to those that name it, so that tests stay out of each other's way. */
  pool(name: string, ...addresses: string[]): Promise<void> {
    return this.configure(resources.ipAddressPools, name, { addresses, autoAssign: false });
  }

  async remove(resource: Resource, name: string): Promise<void> {
    await this.client.delete({ resource, namespace: configNamespace, name });
  }

  /** A LoadBalancer Service in `namespace/name`; with `pool`, it asks for that one. */
  async service(key: string, pool?: string, wish: ServiceWish = {}): Promise<Service> {
    const [namespace = '', name = ''] = key.split('/');
    return this.client.create<Service>(
      { resource: resources.services, namespace },
      serviceManifest(namespace, name, pool, wish),
    );
  }

  read(key: string): Promise<Service> {
    const [namespace = '', name = ''] = key.split('/');
    return this.client.get<Service>({ resource: resources.services, namespace, name });
  }

  async edit(key: string, patch: unknown, subresource?: string): Promise<Service> {
    const [namespace = '', name = ''] = key.split('/');
    const target = { resource: resources.services, namespace, name, ...(subresource && { subresource }) };
    return this.client.patch<Service>(target, patch, { type: 'merge', fieldManager: 'author' });
  }

  async deleteService(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    await this.client.delete({ resource: resources.services, namespace, name });
  }

  /** The Service once it has addresses; with `than`, other ones. */
  async allocated(key: string, than?: readonly string[]): Promise<Service> {
    let last: Service | undefined;
    const look = async (): Promise<Service | undefined> => {
      last = await this.read(key);
      const addresses = addressesOf(last);
      return addresses.length > 0 && addresses.join() !== than?.join() ? last : undefined;
    };
    return this.until(`${key} has an address`, look, () => JSON.stringify(last?.status));
  }

  /** The Service once its Allocated condition has this reason. */
  async reasoned(key: string, reason: string): Promise<Service> {
    let last: Service | undefined;
    const look = async (): Promise<Service | undefined> => {
      last = await this.read(key);
      return conditionOf(last)?.reason === reason ? last : undefined;
    };
    return this.until(`${key} says ${reason}`, look, () => JSON.stringify(last?.status));
  }

  /** Writes to Services by clients of this name so far, as the apiserver's audit log has them. */
  serviceWrites(userAgent: string): readonly string[] {
    return this.plane
      .requests()
      .filter(
        ({ userAgent: agent, verb, objectRef }) =>
          agent === userAgent && objectRef?.resource === 'services' && isWrite(verb),
      )
      .map(
        ({ verb, objectRef, responseStatus }) =>
          `${verb} ${objectRef?.namespace}/${objectRef?.name} ${responseStatus?.code}`,
      );
  }
}

function isWrite(verb: string): boolean {
  return !['get', 'list', 'watch'].includes(verb);
}

export function serviceManifest(
  namespace: string,
  name: string,
  pool: string | undefined,
  wish: ServiceWish,
): KubeObject {
  const annotations = { ...(pool !== undefined && { 'metallb.io/address-pool': pool }), ...wish.annotations };
  const spec = {
    type: 'LoadBalancer',
    ports: [{ port: 80 }],
    selector: { app: name },
    allocateLoadBalancerNodePorts: false,
  };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, annotations },
    spec: { ...spec, ...wish.spec },
  } as KubeObject;
}

export function addressesOf(service: Service): readonly string[] {
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

export function conditionOf(service: Service): Condition | undefined {
  return service.status?.conditions?.find(({ type }) => type === 'berth.dev/Allocated');
}
