/** What the manifests ask for, sorted by what Berth does with it. */

import { convertBgpPeer } from '../../core/api/bgp-peer-conversion.ts';
import type { KubeObject, Labels, Service } from '../../core/api/kubernetes.ts';
import { BERTH_GROUP, METALLB_GROUP, NAMESPACE, NAMESPACE_NAME_LABEL } from '../../core/api/names.ts';
import { compareText } from '../../core/config/entry.ts';
import { isJsonObject, ownField } from '../../core/config/fields.ts';
import { type ConfigKind, isConfigKind } from '../../core/config/kinds.ts';
import { readMetadata } from '../../core/config/metadata.ts';
import { pathTo, showValue } from '../../core/config/show.ts';
import { isOurs } from '../../kube/our-service.ts';
import { compareLocations, type Manifest, nameOf, placeText, type SourceProblem } from '../manifest.ts';

export interface Written<T> {
  readonly manifest: Manifest;
  readonly object: T;
}

export interface Wanted {
  /** Ours, by `namespace/name`. */
  readonly services: ReadonlyMap<string, Written<Service>>;
  /** Services of any type, ours or not: what isn't here is gone. */
  readonly allServices: ReadonlySet<string>;
  /** Of Berth's namespace, in the order in which Flux applies them: by group, kind, name. */
  readonly configuration: readonly (Written<KubeObject> & { readonly kind: ConfigKind })[];
  readonly namespaces: ReadonlyMap<string, Written<Labels>>;
  /** Berth's own namespace, as the manifests have it. */
  readonly home: string;
  readonly problems: readonly SourceProblem[];
}

export interface Reading {
  readonly loadBalancerClass: string | undefined;
  /** Berth's own namespace; undefined: where the manifests put their pools, else metallb-system. */
  readonly home: string | undefined;
}

/** Sorts manifests. Total: what is malformed is a problem and left out. Whatever the order of files, the same answer. */
export function wantedOf(manifests: readonly Manifest[], reading: Reading): Wanted {
  const problems: SourceProblem[] = [];
  const once = withoutTwins(manifests, problems);
  const home = reading.home ?? homeOf(once);
  const services = new Map<string, Written<Service>>();
  const allServices = new Set<string>();
  const namespaces = new Map<string, Written<Labels>>();
  const configuration: (Written<KubeObject> & { readonly kind: ConfigKind })[] = [];
  for (const manifest of once) {
    if (isService(manifest)) {
      const service = serviceOf(manifest, problems);
      if (service === undefined) continue;
      const key = `${service.metadata.namespace}/${service.metadata.name}`;
      allServices.add(key);
      if (isOurs(service, reading.loadBalancerClass)) services.set(key, { manifest, object: service });
    } else if (manifest.kind === 'Namespace' && manifest.apiVersion === 'v1') {
      const { labels } = readMetadata(manifest.object);
      namespaces.set(manifest.name, { manifest, object: { ...labels, [NAMESPACE_NAME_LABEL]: manifest.name } });
    } else if (isConfiguration(manifest)) {
      const object = configurationOf(manifest, home, problems);
      if (object !== undefined) configuration.push({ kind: manifest.kind as ConfigKind, manifest, object });
    }
  }
  configuration.sort((a, b) => compareText(orderOf(a.manifest), orderOf(b.manifest)));
  return { services, allServices, configuration, namespaces, home, problems };
}

function isService({ kind, apiVersion }: Manifest): boolean {
  return kind === 'Service' && apiVersion === 'v1';
}

function isConfiguration({ kind, apiVersion }: Manifest): boolean {
  const [group] = apiVersion.split('/');
  return isConfigKind(kind) && (group === METALLB_GROUP || group === BERTH_GROUP);
}

function orderOf({ apiVersion, kind, name }: Manifest): string {
  return `${apiVersion.split('/')[0]} ${kind} ${name}`;
}

/** One object written twice: which of the two would stand is chance, so it is said, and the first by place is read. */
function withoutTwins(manifests: readonly Manifest[], problems: SourceProblem[]): readonly Manifest[] {
  const seen = new Map<string, Manifest>();
  const relevant = manifests.filter((each) => isService(each) || isConfiguration(each) || each.kind === 'Namespace');
  const keyed = relevant.map((each) => ({ each, at: each.at }));
  keyed.sort((a, b) => compareLocations(a.at, b.at));
  for (const { each, at } of keyed) {
    const identity = `${each.kind} ${each.namespace} ${each.name}`;
    const first = seen.get(identity);
    if (first === undefined) seen.set(identity, each);
    else if (each.kind !== 'Namespace') {
      problems.push({
        severity: 'error',
        rule: 'duplicate-object',
        at,
        message: `${nameOf(each)} is written twice, first at ${placeText(first.at)}; keep one of the two`,
      });
    }
  }
  return [...seen.values()];
}

/** The one namespace in which all pools stand, if none stands in metallb-system. */
function homeOf(manifests: readonly Manifest[]): string {
  const places = new Set(manifests.filter(isConfiguration).map(({ namespace }) => namespace || NAMESPACE));
  const [only] = places;
  return places.size === 1 && only !== undefined ? only : NAMESPACE;
}

function serviceOf(manifest: Manifest, problems: SourceProblem[]): Service | undefined {
  const { object, name } = manifest;
  const fault = (path: string, message: string): undefined => {
    problems.push({
      severity: 'error',
      rule: 'malformed-object',
      at: manifest.locate(path),
      message: `${nameOf(manifest)}: ${message}`,
    });
    return undefined;
  };
  const metadata = ownField(object, 'metadata');
  if (name === '' || !isJsonObject(metadata)) return fault('metadata', 'has no name; write metadata.name');
  const spec = ownField(object, 'spec') ?? {};
  if (!isJsonObject(spec)) return fault('spec', 'spec must be an object');
  for (const map of ['labels', 'annotations'] as const) {
    const entries = ownField(metadata, map);
    if (entries !== undefined && entries !== null && !isJsonObject(entries))
      return fault(`metadata.${map}`, `${map} must be a map`);
    for (const [key, value] of Object.entries(entries ?? {})) {
      if (typeof value === 'string') continue;
      const path = pathTo(`metadata.${map}`, key);
      return fault(path, `${path} is ${showValue(value) || 'empty'}, and must be text; put it in quotes`);
    }
  }
  const namespace = manifest.namespace || 'default';
  return { ...object, metadata: { ...metadata, namespace }, spec } as unknown as Service;
}

function configurationOf(manifest: Manifest, home: string, problems: SourceProblem[]): KubeObject | undefined {
  const { object, kind, name } = manifest;
  const metadata = ownField(object, 'metadata');
  if (name === '' || !isJsonObject(metadata)) {
    const message = `${kind} has no name; write metadata.name`;
    problems.push({ severity: 'error', rule: 'malformed-object', at: manifest.at, message });
    return undefined;
  }
  const namespace = manifest.namespace || home;
  if (namespace !== home) {
    problems.push({
      severity: 'warning',
      rule: 'foreign-namespace',
      at: manifest.locate('metadata.namespace'),
      message: `${nameOf(manifest)} has no effect: Berth reads ${kind} of ${home} only; move it there`,
    });
    return undefined;
  }
  const converted = kind === 'BGPPeer' ? convertBgpPeer(object, 'metallb.io/v1beta2') : undefined;
  const stored = converted?.ok === true && isJsonObject(converted.value) ? converted.value : object;
  return { ...stored, metadata: { ...metadata, namespace } } as unknown as KubeObject;
}
