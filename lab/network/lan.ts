import { run } from '../machine/run.ts';
import { addNamespace, inNamespace, removeNamespace } from './namespace.ts';
import { type LabPlan, type Machine, machinesOf } from './plan.ts';

/**
 * Builds the wires: the switch, every machine's namespace with its cable into
 * the switch, this machine's own interface on the LAN, and the routes. The
 * switch is a namespace too, so that no rule of this machine's firewall sees
 * what passes between the machines, and so that it goes away in one piece.
 */
export async function buildLan(plan: LabPlan): Promise<void> {
  await buildSwitch(plan);
  await Promise.all([plugInHost(plan), ...machinesOf(plan).map((machine) => plugIn(plan, machine))]);
}

async function buildSwitch(plan: LabPlan): Promise<void> {
  const name = plan.switchNamespace;
  await addNamespace(name);
  // The switch itself has no address and takes part in nothing.
  await sysctl(name, ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']);
  await ip(name, ['link set lo up', 'link add lan type bridge forward_delay 0 mcast_snooping 0', 'link set lan up']);
}

/** Gives this machine an address on the LAN; pods are reached through their node, as webhooks need. */
async function plugInHost(plan: LabPlan): Promise<void> {
  const { switchNamespace, hostInterface, host } = plan;
  await run(['ip', 'link', 'add', hostInterface, 'type', 'veth', 'peer', 'name', 'host', 'netns', switchNamespace]);
  await ip(switchNamespace, ['link set host master lan', 'link set host up']);
  await ip(undefined, [
    ...addressCommands(hostInterface, host),
    `link set ${hostInterface} up`,
    ...plan.nodes.flatMap((node) => [
      `route add ${node.pods.ipv4} via ${node.address.ipv4} dev ${hostInterface}`,
      `route add ${node.pods.ipv6} via ${node.address.ipv6} dev ${hostInterface}`,
    ]),
  ]);
}

/** Makes a machine's namespace and plugs its cable into the switch. */
export async function plugIn(plan: LabPlan, machine: Machine): Promise<void> {
  const { namespace, name, mac } = machine;
  const forwarding = machine === plan.client ? 0 : 1;
  await addNamespace(namespace);
  await sysctl(namespace, [
    `net.ipv4.ip_forward=${forwarding}`,
    `net.ipv6.conf.all.forwarding=${forwarding}`,
    // Nobody else has these addresses; asking around (RFC 4862) would only delay the first packet.
    'net.ipv6.conf.default.dad_transmits=0',
    'net.ipv6.conf.default.accept_ra=0',
  ]);
  await ip(plan.switchNamespace, [
    `link add ${name} type veth peer name eth0 address ${mac} netns ${namespace}`,
    `link set ${name} master lan`,
    `link set ${name} up`,
  ]);
  await ip(namespace, [
    'link set lo up',
    ...addressCommands('eth0', machine.address),
    'link set eth0 up',
    ...routeCommands(plan, machine),
  ]);
}

/**
 * Takes a machine off the LAN: its cable, and its namespace with all rules and
 * connections. The cable is removed by name, since the kernel keeps a nameless
 * namespace for minutes while a connection in it waits for a last acknowledgement.
 */
export async function unplug(plan: LabPlan, machine: Machine): Promise<void> {
  await ip(plan.switchNamespace, [`link delete ${machine.name}`]);
  await removeNamespace(machine.namespace);
}

function addressCommands(device: string, address: LabPlan['host']): string[] {
  return [`address add ${address.ipv4}/20 dev ${device}`, `address add ${address.ipv6}/64 dev ${device} nodad`];
}

/**
 * Nodes know the way to each other's pods; the client and the router don't,
 * as machines outside a cluster. Everybody has a default route, since a
 * Service's address must have a route before kube-proxy can rewrite it.
 */
function routeCommands(plan: LabPlan, machine: Machine): string[] {
  const isNode = plan.nodes.some((node) => node.name === machine.name);
  const others = isNode ? plan.nodes.filter((node) => node.name !== machine.name) : [];
  return [
    `route add default via ${plan.host.ipv4}`,
    `route add default via ${plan.host.ipv6}`,
    ...others.flatMap((node) => [
      `route add ${node.pods.ipv4} via ${node.address.ipv4}`,
      `route add ${node.pods.ipv6} via ${node.address.ipv6}`,
    ]),
  ];
}

/** Runs commands of ip(8) in one go, in this namespace or in this machine's own. */
export async function ip(namespace: string | undefined, commands: readonly string[]): Promise<void> {
  const where = namespace === undefined ? [] : ['-netns', namespace];
  await run(['ip', ...where, '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

async function sysctl(namespace: string, settings: readonly string[]): Promise<void> {
  await run(inNamespace(namespace, ['sysctl', '-q', '-w', ...settings]));
}
