/**
 * The state file: what `berth state export` writes and `--against` reads. YAML
 * with sorted keys, one object after the other, so that git shows what changed.
 * It holds no Secret, no password and nothing of a Service that decides nothing.
 */
import { parse, stringify } from 'yaml';
import type { KubeObject, Labels, Service } from '../core/api/kubernetes.ts';
import {
  ALLOCATED_FROM_POOL,
  ASSIGNED_BECAUSE,
  ASSIGNED_POOL,
  BERTH_GROUP,
  CATEGORY,
  HOSTNAME_LABEL,
  METALLB_LEGACY_PREFIX,
  METALLB_PREFIX,
} from '../core/api/names.ts';
import { compareText } from '../core/config/entry.ts';
import { isJsonObject, type JsonObject, ownField } from '../core/config/fields.ts';
import { type ClusterState, configurationObjects, configurationOf } from './cluster-state.ts';
import { isObject } from './manifest.ts';

const API_VERSION = `${BERTH_GROUP}/v1alpha1`;
const KIND = 'PlanState';

/** The text of a state file; the same bytes for the same state. */
export function renderState(state: ClusterState): string {
  const namespaces = [...state.namespaces].sort(([a], [b]) => compareText(a, b));
  const services = [...state.services].sort(([a], [b]) => compareText(a, b));
  const nodes = [...state.configuration.nodes].sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  const file = {
    apiVersion: API_VERSION,
    kind: KIND,
    families: state.families,
    namespaces: Object.fromEntries(namespaces),
    appliedLabels: Object.fromEntries([...(state.appliedLabels ?? [])].filter(([, keys]) => keys.length > 0)),
    nodes: nodes.map(slimNode),
    configuration: configurationObjects(state.configuration)
      .map(({ kind, object }) => slimConfiguration(kind, object))
      .sort((a, b) => compareText(`${a.kind} ${a.metadata.name}`, `${b.kind} ${b.metadata.name}`)),
    services: services.map(([, service]) => slimService(service)),
  };
  const heading = '# Written by `berth state export`: addresses given, pools and labels. No secrets.\n';
  return heading + stringify(file, { sortMapEntries: true, lineWidth: 0 });
}

/** Reads a state file. @throws Error that says what is wrong with it. */
export function parseState(text: string, file: string): ClusterState {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new Error(`Cannot read state file ${file}: it is no YAML`, { cause });
  }
  if (!isJsonObject(value) || value.kind !== KIND || value.apiVersion !== API_VERSION) {
    throw new Error(
      `Cannot read ${file} as a state: it is not what \`berth state export\` writes (kind ${KIND} of ${API_VERSION})`,
    );
  }
  const objects = (key: string): KubeObject[] => {
    const list = ownField(value, key);
    return (Array.isArray(list) ? list : []).filter(isObject) as unknown as KubeObject[];
  };
  const families = (Array.isArray(value.families) ? value.families : []).filter(
    (each) => each === 'IPv4' || each === 'IPv6',
  );
  const namespaces = isJsonObject(value.namespaces) ? value.namespaces : {};
  const applied = isJsonObject(value.appliedLabels) ? value.appliedLabels : {};
  return {
    families: families.length > 0 ? families : ['IPv4'],
    complete: true,
    namespaces: new Map(Object.entries(namespaces).map(([name, labels]) => [name, textsOf(labels)])),
    appliedLabels: new Map(
      Object.entries(applied).map(([name, keys]) => [name, Array.isArray(keys) ? keys.filter(isText) : []]),
    ),
    configuration: configurationOf(objects('configuration'), objects('nodes')),
    services: new Map(
      (objects('services') as Service[]).map((each) => [
        `${each.metadata.namespace ?? ''}/${each.metadata.name}`,
        each,
      ]),
    ),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function textsOf(value: unknown): Labels {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** A node as far as pools and selectors are held against it. */
function slimNode({ metadata, ...node }: KubeObject): JsonObject {
  const status = ownField(node, 'status');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: metadata.name, labels: { [HOSTNAME_LABEL]: metadata.name, ...metadata.labels } },
    status: { addresses: ownField(status, 'addresses') ?? [] },
  };
}

function slimConfiguration(kind: string, object: KubeObject): KubeObject & { readonly kind: string } {
  const { name, namespace, labels, annotations, generation, creationTimestamp, deletionTimestamp } = object.metadata;
  const { [LAST_APPLIED]: _applied, ...kept } = annotations ?? {};
  const spec = ownField(object, 'spec');
  return {
    ...(object.apiVersion !== undefined && { apiVersion: object.apiVersion }),
    kind,
    metadata: defined({
      name,
      namespace,
      labels,
      annotations: orAbsent(kept),
      generation,
      creationTimestamp,
      deletionTimestamp,
    }),
    ...(isJsonObject(spec) && { spec: withoutPassword(spec) }),
  } as KubeObject & { readonly kind: string };
}

/** kubectl keeps the whole object in it, passwords included. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutPassword(spec: JsonObject): JsonObject {
  const { password: _secret, ...rest } = spec;
  return rest;
}

const KEPT_FIELDS = [
  'type',
  'ports',
  'selector',
  'clusterIP',
  'clusterIPs',
  'ipFamilies',
  'ipFamilyPolicy',
  'loadBalancerIP',
  'loadBalancerClass',
  'externalTrafficPolicy',
] as const;

/** A Service as far as decisions read it. */
export function slimService({ metadata, spec, status }: Service): Service {
  const { name, namespace, uid, labels, creationTimestamp, deletionTimestamp } = metadata;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => isRead(key));
  const kept = Object.fromEntries(KEPT_FIELDS.flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]]])));
  const ports = spec.ports?.map(({ port, protocol }) => defined({ port, protocol }));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: defined({
      name,
      namespace,
      uid,
      labels,
      creationTimestamp,
      deletionTimestamp,
      annotations: orAbsent(Object.fromEntries(annotations)),
    }),
    spec: { ...kept, ...(ports && { ports }) },
    ...(status?.loadBalancer?.ingress && { status: { loadBalancer: { ingress: status.loadBalancer.ingress } } }),
  } as Service;
}

function isRead(annotation: string): boolean {
  return [METALLB_PREFIX, METALLB_LEGACY_PREFIX, ASSIGNED_POOL, ASSIGNED_BECAUSE, ALLOCATED_FROM_POOL, CATEGORY].some(
    (known) => annotation.startsWith(known),
  );
}

function orAbsent(labels: Labels): Labels | undefined {
  return Object.keys(labels).length === 0 ? undefined : labels;
}

function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
