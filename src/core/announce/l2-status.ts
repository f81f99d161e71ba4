/** The ServiceL2Statuses of one node: one for each Service of which it answers for an address. */
import {
  STATUS_ADDRESSES,
  STATUS_CONFLICTS,
  STATUS_NAMESPACE_LABEL,
  STATUS_NODE_LABEL,
  STATUS_SERVICE_LABEL,
} from '../api/names.ts';
import type { ServiceL2Status } from '../api/service-status.ts';

/** Somebody outside the cluster who says that an address is his. */
export interface Stranger {
  readonly mac: string;
  readonly interface: string;
  /** Whether a probe found him, and this node has never answered for the address. */
  readonly unannounced: boolean;
}

const UNANNOUNCED_WORD = 'unannounced';

/** What this node does about one address. */
export interface AddressOnNode {
  readonly address: string;
  /** `namespace/name`. */
  readonly services: readonly string[];
  /** Where it is announced; empty: this node should, and gives way to a stranger. */
  readonly interfaces: readonly string[];
  readonly stranger: Stranger | undefined;
}

/** One object as it should be. */
export interface L2StatusWish {
  readonly name: string;
  readonly serviceNamespace: string;
  readonly serviceName: string;
  readonly interfaces: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

export type L2StatusChange =
  | { readonly kind: 'create'; readonly wish: L2StatusWish }
  /** A value that is null goes. */
  | { readonly kind: 'annotate'; readonly name: string; readonly annotations: Readonly<Record<string, string | null>> }
  | { readonly kind: 'report'; readonly wish: L2StatusWish }
  | { readonly kind: 'delete'; readonly name: string; readonly uid: string };

/** By name of the object. */
export function l2StatusesOf(node: string, all: Iterable<AddressOnNode>): ReadonlyMap<string, L2StatusWish> {
  const ofService = new Map<string, AddressOnNode[]>();
  for (const each of all) {
    for (const service of each.services) ofService.set(service, [...(ofService.get(service) ?? []), each]);
  }
  return new Map(
    [...ofService].map(([service, addresses]) => {
      const wish = wishOf(node, service, addresses);
      return [wish.name, wish];
    }),
  );
}

function wishOf(node: string, service: string, addresses: readonly AddressOnNode[]): L2StatusWish {
  const slash = service.indexOf('/');
  const announced = addresses.filter((each) => each.interfaces.length > 0);
  const conflicts = addresses.flatMap(({ address, stranger }) => {
    if (stranger === undefined) return [];
    const { mac, interface: name, unannounced } = stranger;
    return [[address, mac, name, ...(unannounced ? [UNANNOUNCED_WORD] : [])].join(' ')];
  });
  return {
    name: `l2-${hash(`${node}/${service}`)}`,
    serviceNamespace: service.slice(0, slash),
    serviceName: service.slice(slash + 1),
    interfaces: [...new Set(announced.flatMap((each) => each.interfaces))].sort(),
    annotations: {
      [STATUS_ADDRESSES]: announced
        .map((each) => each.address)
        .sort()
        .join(),
      ...(conflicts.length > 0 && { [STATUS_CONFLICTS]: conflicts.sort().join() }),
    },
  };
}

/** What one object tells; of one that is half written, nothing. */
export interface L2Report {
  readonly node: string;
  readonly interfaces: readonly string[];
  /** RFC 3339. */
  readonly since: string;
  readonly addresses: readonly string[];
  /** By address. */
  readonly strangers: ReadonlyMap<string, Stranger>;
}

/** Reads an object back. What a hand has made of its annotations never throws. */
export function readL2Status({ metadata, status }: ServiceL2Status): L2Report {
  const { annotations = {}, creationTimestamp = '' } = metadata;
  const strangers = listOf(annotations[STATUS_CONFLICTS]).flatMap((text) => {
    const [address = '', mac, name, word] = text.split(' ');
    if (mac === undefined || name === undefined) return [];
    return [[address, { mac, interface: name, unannounced: word === UNANNOUNCED_WORD }] as const];
  });
  return {
    node: status?.node ?? '',
    interfaces: (status?.interfaces ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
    since: creationTimestamp,
    addresses: status?.node === undefined ? [] : listOf(annotations[STATUS_ADDRESSES]),
    strangers: new Map(strangers),
  };
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter((each) => each !== '');
}

/** What brings the objects that carry this node's label to what they should be; nothing where they are so. */
export function planL2Statuses(
  wishes: ReadonlyMap<string, L2StatusWish>,
  present: Iterable<ServiceL2Status>,
): readonly L2StatusChange[] {
  const changes: L2StatusChange[] = [];
  const seen = new Set<string>();
  for (const { metadata, status } of present) {
    const { name, uid = '', annotations = {} } = metadata;
    const wish = wishes.get(name);
    if (wish === undefined) {
      changes.push({ kind: 'delete', name, uid });
      continue;
    }
    seen.add(name);
    const differing = annotationChange(wish.annotations, annotations);
    if (differing !== undefined) changes.push({ kind: 'annotate', name, annotations: differing });
    const interfaces = (status?.interfaces ?? []).map((each) => each.name ?? '');
    if (status?.node === undefined || interfaces.join() !== wish.interfaces.join()) {
      changes.push({ kind: 'report', wish });
    }
  }
  for (const [name, wish] of wishes) if (!seen.has(name)) changes.push({ kind: 'create', wish });
  return changes;
}

function annotationChange(
  wanted: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
): Record<string, string | null> | undefined {
  const keys = [STATUS_ADDRESSES, STATUS_CONFLICTS].filter((key) => wanted[key] !== present[key]);
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, wanted[key] ?? null]));
}

/** Of the objects of a node that is dead, those of Services of which an address is answered for here. */
export function outlived<T extends ServiceL2Status>(
  dead: readonly T[],
  wishes: ReadonlyMap<string, L2StatusWish>,
): readonly T[] {
  const here = new Set([...wishes.values()].map((each) => `${each.serviceNamespace}/${each.serviceName}`));
  return dead.filter(({ metadata: { labels = {} } }) =>
    here.has(`${labels[STATUS_NAMESPACE_LABEL] ?? ''}/${labels[STATUS_SERVICE_LABEL] ?? ''}`),
  );
}

/** A whole object as it is created; its status follows by its own door. */
export function l2StatusObject(node: string, { name, serviceName, serviceNamespace, annotations }: L2StatusWish) {
  return {
    metadata: {
      name,
      labels: {
        [STATUS_NODE_LABEL]: labelValue(node),
        [STATUS_SERVICE_LABEL]: serviceName,
        [STATUS_NAMESPACE_LABEL]: serviceNamespace,
      },
      annotations,
    },
  };
}

/** A name as the value of a label: at most 63 characters, the last one a letter or digit. */
export function labelValue(name: string): string {
  return name.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
}

/** FNV-1a, 64 bits, over UTF-16 units: one object for each node and Service, whoever tries how often. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) {
    value = ((value ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return value.toString(36).padStart(13, '0');
}
