/** What NetworkPolicies let through, by the rules of networking.k8s.io/v1; a firewall of values, for tests. */
import type { Labels } from '../../src/core/api/kubernetes.ts';
import { matches, parseSelector } from '../../src/core/config/selector.ts';
import { type Address, parseAddress } from '../../src/core/net/address.ts';
import { parsePrefix, prefixContains } from '../../src/core/net/prefix.ts';
import type { Result } from '../../src/core/result.ts';
import type { Manifest } from './built.ts';

export interface Pod {
  readonly namespace: string;
  readonly namespaceLabels?: Labels;
  readonly labels: Labels;
  readonly hostNetwork?: boolean;
}

/** One end of a connection: a pod, or something else that has an address. */
export interface End {
  readonly address: string;
  /** The node that it is on, where it is on one. */
  readonly node?: string;
  readonly pod?: Pod;
}

export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

/** Kubernetes leaves open whether a plugin knows a pod on the node's network from the node. */
export type Plugin = 'knows host-network pods' | 'sees only the node';

/**
 * Whether both ends' policies let this connection begin.
 *
 * @throws Error on what this evaluator doesn't read (named ports), or on a malformed selector or prefix.
 */
export function lets(policies: readonly Manifest[], flow: Flow, plugin: Plugin): boolean {
  const from = podOf(flow.from, plugin);
  const to = podOf(flow.to, plugin);
  // Traffic between a pod and the node it runs on is always allowed: that is how probes arrive.
  if ((!from || !to) && flow.from.node !== undefined && flow.from.node === flow.to.node) return true;
  return side(policies, 'Egress', from, flow.to, to, flow) && side(policies, 'Ingress', to, flow.from, from, flow);
}

function podOf(end: End, plugin: Plugin): Pod | undefined {
  return end.pod?.hostNetwork && plugin === 'sees only the node' ? undefined : end.pod;
}

function side(
  policies: readonly Manifest[],
  direction: 'Ingress' | 'Egress',
  governed: Pod | undefined,
  other: End,
  otherPod: Pod | undefined,
  flow: Flow,
): boolean {
  if (governed === undefined) return true;
  const applying = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === governed.namespace &&
      selects(spec.podSelector, governed.labels) &&
      (spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])]).includes(direction),
  );
  if (applying.length === 0) return true;
  return applying.some(({ spec }) => {
    const rules: readonly Rule[] = (direction === 'Ingress' ? spec.ingress : spec.egress) ?? [];
    return rules.some((rule) => {
      const peers = (direction === 'Ingress' ? rule.from : rule.to) ?? [];
      const knows = peers.length === 0 || peers.some((peer) => isPeer(peer, governed.namespace, other, otherPod));
      return knows && opens(rule.ports ?? [], flow);
    });
  });
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly {
    readonly protocol?: string;
    readonly port?: number | string;
    readonly endPort?: number;
  }[];
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly podSelector?: object;
  readonly namespaceSelector?: object;
}

function isPeer(peer: Peer, namespace: string, other: End, pod: Pod | undefined): boolean {
  if (peer.ipBlock) {
    const address = sure(parseAddress(other.address));
    const within = (cidr: string) => isWithin(cidr, address);
    return within(peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some(within);
  }
  if (pod === undefined) return false;
  if (peer.podSelector && !selects(peer.podSelector, pod.labels)) return false;
  if (peer.namespaceSelector) return selects(peer.namespaceSelector, labelsOfNamespace(pod));
  return pod.namespace === namespace;
}

/** The apiserver puts the namespace's name into a label of it. */
function labelsOfNamespace(pod: Pod): Labels {
  return { 'kubernetes.io/metadata.name': pod.namespace, ...pod.namespaceLabels };
}

function opens(ports: NonNullable<Rule['ports']>, flow: Flow): boolean {
  if (ports.length === 0) return true;
  return ports.some(({ protocol = 'TCP', port, endPort }) => {
    if (protocol !== flow.protocol) return false;
    if (port === undefined) return true;
    if (typeof port === 'string') throw new Error(`Cannot evaluate the named port "${port}": give its number`);
    return flow.port >= port && flow.port <= (endPort ?? port);
  });
}

function selects(selector: unknown, labels: Labels): boolean {
  const { selector: parsed, problems } = parseSelector(selector ?? {}, 'selector');
  if (parsed === undefined) throw new Error(`Cannot read a selector: ${JSON.stringify(problems)}`);
  return matches(parsed, labels);
}

function isWithin(cidr: string, address: Address): boolean {
  const prefix = sure(parsePrefix(cidr));
  return prefix.family === address.family && prefixContains(prefix, address);
}

function sure<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
