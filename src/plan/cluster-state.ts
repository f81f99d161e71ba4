/** What a cluster has: the part of it that decides which Service gets which address. */
import type { KubeObject, Labels, Service } from '../core/api/kubernetes.ts';
import { CONFIG_KINDS, type ConfigKind, RAW_LIST } from '../core/config/kinds.ts';
import { EMPTY_RAW_CONFIGURATION, type RawConfiguration } from '../core/config/raw-configuration.ts';
import type { Family } from '../core/net/address.ts';

export interface ClusterState {
  /** Families of the cluster's Services, primary first. */
  readonly families: readonly Family[];
  /** Labels of each namespace that is known. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Labels that git put there by an apply: they go when git drops them; all others stay. */
  readonly appliedLabels?: ReadonlyMap<string, readonly string[]>;
  /** True where a namespace that isn't in the list doesn't exist; false where it is only not known. */
  readonly complete: boolean;
  readonly configuration: RawConfiguration;
  /** LoadBalancers with their statuses, and of other Services those that would become one in a way of their own; by `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** Services whose addresses were worked out from an older tree and may be others in truth: they are never named. */
  readonly assumed?: ReadonlySet<string>;
  /** Services of which an older tree doesn't tell whether they have an address at all. */
  readonly contested?: ReadonlySet<string>;
}

/** Nothing is known, so everything in the manifests is new. */
export function emptyState(families: readonly Family[] = ['IPv4', 'IPv6']): ClusterState {
  return {
    families,
    namespaces: new Map(),
    complete: false,
    configuration: EMPTY_RAW_CONFIGURATION,
    services: new Map(),
  };
}

/** Every object of configuration with its kind. */
export function configurationObjects(
  raw: RawConfiguration,
): readonly { readonly kind: ConfigKind; readonly object: KubeObject }[] {
  return CONFIG_KINDS.flatMap((kind) => raw[RAW_LIST[kind]].map((object) => ({ kind, object })));
}

/** The configuration that a list of objects makes; others are left out. */
export function configurationOf(objects: readonly KubeObject[], nodes: readonly KubeObject[] = []): RawConfiguration {
  const raw: Record<keyof RawConfiguration, readonly KubeObject[]> = { ...EMPTY_RAW_CONFIGURATION, nodes };
  for (const kind of CONFIG_KINDS) raw[RAW_LIST[kind]] = objects.filter((object) => object.kind === kind);
  return raw;
}
