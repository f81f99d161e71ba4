import { invariant } from '../../src/core/invariant.ts';

/** An address of each family. */
export interface DualAddress {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A machine on the LAN: a network namespace with one interface, `eth0`. */
export interface Machine {
  readonly name: string;
  /** Name of its network namespace, under which `ip netns` knows it. */
  readonly namespace: string;
  readonly mac: string;
  readonly address: DualAddress;
}

/** A machine that is a Kubernetes node. */
export interface NodePlan extends Machine {
  /** Prefixes from which its pods get addresses. */
  readonly pods: DualAddress;
}

/** Every name and number of a lab; follows from its name, its slot and its size alone. */
export interface LabPlan {
  readonly name: string;
  readonly slot: number;
  /** The namespace that is the switch: its bridge joins all machines, its port `NAME` leads to machine NAME. */
  readonly switchNamespace: string;
  /** This machine's own interface on the LAN; the apiserver listens there. */
  readonly hostInterface: string;
  readonly host: DualAddress;
  /** Prefixes of the LAN. */
  readonly lan: DualAddress;
  /** Prefixes inside the LAN that no machine uses, for LoadBalancer addresses. */
  readonly loadBalancers: DualAddress;
  readonly clusterPods: DualAddress;
  readonly serviceCidrs: DualAddress;
  readonly client: Machine;
  readonly router: Machine;
  readonly nodes: readonly NodePlan[];
}

/** As many labs can run at once on a machine. */
export const slots = 32;
/** As many nodes can a lab have. */
export const mostNodes = 64;

const clientNumber = 2;
const routerNumber = 3;
const firstNodeNumber = 11;

/**
 * Lays out a lab. The IPv4 LAN is a /20 of 198.18.0.0/15, which RFC 2544
 * reserves for tests, so that no real network is shadowed; IPv6 prefixes are
 * unique local ones whose global part spells "berth" (RFC 4193).
 *
 * @param slot 0 to 31; two labs with different slots share no address.
 * @param nodeCount 1 to 64.
 */
export function planOf(name: string, slot: number, nodeCount: number): LabPlan {
  invariant(slot >= 0 && slot < slots, `slot ${slot} is not within 0 and ${slots - 1}`);
  invariant(nodeCount >= 1 && nodeCount <= mostNodes, `${nodeCount} nodes are not within 1 and ${mostNodes}`);
  const [second, third] = [18 + (slot >> 4), (slot & 15) * 16];
  // From 1 on, so that no prefix has a zero group that its canonical form would shorten (RFC 5952).
  const lanPrefix6 = `fd62:6572:7468:${(slot + 1).toString(16)}:`;
  const podNets6 = (slot + 1) << 8;
  const addressOf = (number: number): DualAddress => ({
    ipv4: `198.${second}.${third}.${number}`,
    ipv6: `${lanPrefix6}:${number.toString(16)}`,
  });
  const machine = (machineName: string, number: number): Machine => ({
    name: machineName,
    namespace: `berth-${name}-${machineName}`,
    // Locally administered, and told apart by slot and number, so that a capture reads well.
    mac: `02:be:00:${hex(slot)}:00:${hex(number)}`,
    address: addressOf(number),
  });
  return {
    name,
    slot,
    switchNamespace: `berth-${name}-lan`,
    hostInterface: `berth-${name}`,
    host: addressOf(1),
    lan: { ipv4: `198.${second}.${third}.0/20`, ipv6: `${lanPrefix6}:/64` },
    loadBalancers: { ipv4: `198.${second}.${third + 8}.0/21`, ipv6: `${lanPrefix6}1::/80` },
    clusterPods: { ipv4: `10.${192 + slot}.0.0/16`, ipv6: `fd62:6572:7469:${podNets6.toString(16)}::/56` },
    serviceCidrs: { ipv4: '10.96.0.0/16', ipv6: 'fd00:96::/112' },
    client: machine('client', clientNumber),
    router: machine('router', routerNumber),
    nodes: Array.from({ length: nodeCount }, (_, index) => ({
      ...machine(`node-${index + 1}`, firstNodeNumber + index),
      pods: {
        ipv4: `10.${192 + slot}.${index + 1}.0/24`,
        ipv6: `fd62:6572:7469:${(podNets6 + index + 1).toString(16)}::/64`,
      },
    })),
  };
}

/** All machines of the LAN. */
export function machinesOf(plan: LabPlan): readonly Machine[] {
  return [plan.client, plan.router, ...plan.nodes];
}

function hex(number: number): string {
  return number.toString(16).padStart(2, '0');
}
