/**
 * Wishes for load balancers that aren't plain Services: values of charts,
 * Gateways, proxies, templates of operators. They are found by how they ask,
 * wherever they stand; what makes a Service of them isn't run here.
 */
import {
  ADDRESS_POOL,
  ADDRESS_POOL_LEGACY,
  ALLOW_SHARED_IP,
  ALLOW_SHARED_IP_LEGACY,
  BERTH_GROUP,
  LOAD_BALANCER_IPS,
  LOAD_BALANCER_IPS_LEGACY,
  METALLB_GROUP,
} from '../../core/api/names.ts';
import { isJsonObject, type JsonObject } from '../../core/config/fields.ts';
import { pathTo } from '../../core/config/show.ts';
import { type Location, type Manifest, nameOf } from '../manifest.ts';
import { readYaml } from '../yaml/documents.ts';

export interface Wish {
  readonly at: Location;
  /** Kind and name of the object that carries it, or the file. */
  readonly in: string;
  /** Namespace that the Service will be in; '' where nobody can say. */
  readonly namespace: string;
  /** Path of what becomes a Service. */
  readonly path: string;
  /** As written, not parsed. */
  readonly addresses: readonly string[];
  readonly pool: string | undefined;
  readonly sharingKey: string | undefined;
}

interface Found {
  addresses: string[];
  pool?: string;
  sharingKey?: string;
  /** The field that says most, for its line. */
  field: string;
}

const NEVER: ReadonlySet<string> = new Set([
  'Service',
  'CustomResourceDefinition',
  'Secret',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'Kustomization',
  'Component',
]);

/** Wishes in an object that isn't a Service. */
export function wishesIn(manifest: Manifest): readonly Wish[] {
  const { kind, apiVersion, namespace, object } = manifest;
  const [group] = apiVersion.split('/');
  if (NEVER.has(kind) || group === METALLB_GROUP || group === BERTH_GROUP) return [];
  const at = (path: string): Location => manifest.locate(path);
  return wishesBelow(object, { in: nameOf(manifest), namespace, at });
}

/** Wishes in a file of values; `at` gives the line of a path. */
export function wishesInValues(file: string, value: unknown, at: (path: string) => Location): readonly Wish[] {
  return wishesBelow(value, { in: file, namespace: '', at });
}

interface Carrier {
  readonly in: string;
  readonly namespace: string;
  readonly at: (path: string) => Location;
}

function wishesBelow(value: unknown, carrier: Carrier): readonly Wish[] {
  const found = new Map<string, Found>();
  walk(value, '', found);
  return [...found].map(([path, { addresses, pool, sharingKey, field }]) => ({
    at: carrier.at(field),
    in: carrier.in,
    namespace: carrier.namespace,
    path: path === '' ? '(top)' : path,
    addresses: [...new Set(addresses)],
    pool,
    sharingKey,
  }));
}

function walk(value: unknown, path: string, found: Map<string, Found>): void {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) walk(each, `${path}[${index}]`, found);
    return;
  }
  if (typeof value === 'string') {
    walkText(value, path, found);
    return;
  }
  if (!isJsonObject(value)) return;
  lookAt(value, path, found);
  for (const [key, each] of Object.entries(value)) walk(each, pathTo(path, key), found);
}

/** Values that a string carries as YAML, as Argo CD and ConfigMaps do. */
function walkText(text: string, path: string, found: Map<string, Found>): void {
  if (!text.includes('\n') || !/loadBalancerIP|LoadBalancer|metallb/.test(text)) return;
  const inner = new Map<string, Found>();
  for (const { value } of readYaml(text).documents) if (isJsonObject(value)) walk(value, '', inner);
  for (const [below, { field: _field, ...wish }] of inner) {
    found.set(below === '' ? path : `${path}: ${below}`, { ...wish, field: path });
  }
}

function lookAt(object: JsonObject, path: string, found: Map<string, Found>): void {
  const note = (owner: string, field: string): Found => {
    const known = found.get(owner);
    if (known !== undefined) return known;
    const made: Found = { addresses: [], field };
    found.set(owner, made);
    return made;
  };
  for (const [key, value] of Object.entries(object)) {
    const field = pathTo(path, key);
    if (key === 'loadBalancerIP' && isText(value)) {
      const wish = note(ownerOf(path), field);
      wish.addresses.push(value.trim());
      wish.field = field;
    } else if ((key === 'type' || key === 'serviceType') && value === 'LoadBalancer') {
      note(ownerOf(path), field);
    } else if ((key === LOAD_BALANCER_IPS || key === LOAD_BALANCER_IPS_LEGACY) && isText(value)) {
      const wish = note(ownerOf(path), field);
      wish.addresses.push(...value.split(',').map((each) => each.trim()));
      wish.field = field;
    } else if ((key === ADDRESS_POOL || key === ADDRESS_POOL_LEGACY) && isText(value)) {
      note(ownerOf(path), field).pool = value.trim();
    } else if ((key === ALLOW_SHARED_IP || key === ALLOW_SHARED_IP_LEGACY) && isText(value)) {
      note(ownerOf(path), field).sharingKey = value;
    } else if (key === 'addresses' && path === 'spec' && Array.isArray(value)) {
      gatewayAddresses(value, field, note);
    }
  }
}

/** `spec.addresses` of a Gateway: the implementation hands them to its Service. */
function gatewayAddresses(list: readonly unknown[], path: string, note: (owner: string, field: string) => Found): void {
  for (const [index, each] of list.entries()) {
    if (!isJsonObject(each) || !isText(each.value) || (each.type ?? 'IPAddress') !== 'IPAddress') continue;
    note('spec', `${path}[${index}].value`).addresses.push(each.value);
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Annotations, spec and type stand beside or below one another in charts; all belong to one Service. */
function ownerOf(path: string): string {
  return path
    .replace(/(?:\.|^)(?:annotations|spec|metadata|infrastructure\.annotations|metadata\.annotations)$/, '')
    .replace(/\.(?:metadata|spec)$/, '');
}
