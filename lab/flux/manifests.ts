import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { fluxRecipes, type Recipe } from '../binaries/recipe.ts';
import { moduleOf } from './module.ts';

export const fluxNamespace = 'flux-system';

/** An object as it is sent to the apiserver. */
export interface FluxObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  // biome-ignore lint/suspicious/noExplicitAny: each place reads the fields of the kind it picked.
  readonly [field: string]: any;
}

/** The definitions of Flux's kinds, from the modules of its controllers. */
export async function fluxDefinitions(): Promise<readonly FluxObject[]> {
  const found: FluxObject[] = [];
  for (const recipe of fluxRecipes) {
    const folder = join(await moduleOf(recipe), 'config/crd/bases');
    for (const file of readdirSync(folder).sort()) found.push(...objectsOf(join(folder, file)));
  }
  return found;
}

/**
 * Both controllers as Flux deploys them. Changed is only what the lab lacks
 * (a registry, DNS) and how long they wait before they look again.
 *
 * @param storageAddress ClusterIP under which source-controller hands artifacts out.
 */
export async function fluxWorkloads(storageAddress: string): Promise<readonly FluxObject[]> {
  const found: FluxObject[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: fluxNamespace } },
    ...fluxRecipes.map(({ name }) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace: fluxNamespace },
    })),
    administrator,
  ];
  for (const recipe of fluxRecipes) {
    const folder = join(await moduleOf(recipe), 'config/manager');
    const files = readdirSync(folder).filter((file) => /^(deployment|service)\.yaml$/.test(file));
    for (const object of files.flatMap((file) => objectsOf(join(folder, file)))) {
      const placed: FluxObject = { ...object, metadata: { ...object.metadata, namespace: fluxNamespace } };
      if (object.kind === 'Deployment') found.push(deployment(placed, recipe, storageAddress));
      else found.push({ ...placed, spec: { ...placed.spec, clusterIP: storageAddress } });
    }
  }
  return found;
}

/** As `flux install` binds both: what a Kustomization may do is bounded by its serviceAccountName, not here. */
const administrator: FluxObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'cluster-reconciler' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: fluxRecipes.map(({ name }) => ({ kind: 'ServiceAccount', name, namespace: fluxNamespace })),
};

function deployment(given: FluxObject, recipe: Recipe, storageAddress: string): FluxObject {
  const { template } = given.spec;
  const [manager] = template.spec.containers;
  const args = manager.args.flatMap((flag: string) => {
    if (flag.startsWith('--storage-adv-addr=')) return [`--storage-adv-addr=${storageAddress}`];
    // One replica: waiting for the lease of a dead one would only delay a restart.
    return flag === '--enable-leader-election' ? [] : [flag];
  });
  const own = recipe.name === 'kustomize-controller' ? ['--requeue-dependency=200ms'] : [];
  const container = {
    ...manager,
    image: `lab.berth.dev/${recipe.name}:${recipe.version}`,
    // There is no notification-controller to tell events to.
    args: [...args, '--events-addr=', ...own],
    // Requests of a real cluster would keep the lab's small nodes from running both beside Berth.
    resources: {},
    readinessProbe: { ...manager.readinessProbe, periodSeconds: 1 },
  };
  const spec = { ...template.spec, serviceAccountName: recipe.name, containers: [container] };
  return { ...given, spec: { ...given.spec, template: { ...template, spec } } };
}

function objectsOf(file: string): FluxObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as FluxObject);
}
