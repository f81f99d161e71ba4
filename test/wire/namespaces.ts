/**
 * Real wires for tests: network namespaces whose `eth0` hangs on one bridge.
 * Needs root and iproute2; without them it fails and says so.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const CLONE_NEWNET = 0x40000000;

const setns = koffi.load('libc.so.6').func('int setns(int, int)');

let count = 0;

export class Lan implements Disposable {
  readonly #prefix = `bw-${process.pid}-${count++}`;
  readonly #namespaces: string[] = [];
  readonly #bridge: string;

  constructor() {
    this.#bridge = this.#addNamespace('lan');
    ip('-n', this.#bridge, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
    ip('-n', this.#bridge, 'link', 'set', 'br0', 'up');
  }

  /** A namespace with `eth0` on the bridge; addresses with prefix lengths. Returns its name. */
  addHost(name: string, addresses: readonly string[]): string {
    const namespace = this.#addNamespace(name);
    this.plug(namespace, name, addresses);
    return namespace;
  }

  /** Gives a namespace an `eth0` on the bridge, where its cable has this name. */
  plug(namespace: string, name: string, addresses: readonly string[]): void {
    ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', name, 'netns', this.#bridge);
    ip('-n', this.#bridge, 'link', 'set', name, 'master', 'br0', 'up');
    addAddresses(namespace, 'eth0', addresses);
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  }

  /** Takes the network card itself out of a host. */
  unplug(namespace: string): void {
    ip('-n', namespace, 'link', 'delete', 'eth0');
  }

  /** Takes the cable out of a host, or puts it back. */
  setCable(name: string, state: 'up' | 'down'): void {
    ip('-n', this.#bridge, 'link', 'set', name, state);
  }

  [Symbol.dispose](): void {
    for (const namespace of this.#namespaces.splice(0)) ip('netns', 'delete', namespace);
  }

  #addNamespace(name: string): string {
    const namespace = `${this.#prefix}-${name}`;
    ip('netns', 'add', namespace);
    this.#namespaces.push(namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    return namespace;
  }
}

/** With prefix lengths; usable at once. */
export function addAddresses(namespace: string, device: string, addresses: readonly string[]): void {
  for (const address of addresses) {
    ip('-n', namespace, 'address', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : []));
  }
}

/** Runs iproute2 and returns what it prints. */
export function ip(...args: readonly string[]): string {
  try {
    return execFileSync('ip', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    const message = `ip ${args.join(' ')} failed; these tests need root, CAP_NET_ADMIN and iproute2`;
    throw new Error(message, { cause });
  }
}

/** Moves the calling thread into a namespace for the time of one synchronous call. Sockets opened there stay there. */
export function inNamespace<T>(namespace: string, act: () => T): T {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  try {
    enterNamespace(namespace);
    return act();
  } finally {
    enter(home, 'the namespace it came from');
    closeSync(home);
  }
}

/** Moves the calling thread into a namespace for good. */
export function enterNamespace(namespace: string): void {
  const target = openSync(`/run/netns/${namespace}`, 'r');
  try {
    enter(target, namespace);
  } finally {
    closeSync(target);
  }
}

function enter(descriptor: number, name: string): void {
  if (setns(descriptor, CLONE_NEWNET) === 0) return;
  throw new Error(`cannot enter network namespace ${name}: errno ${koffi.errno()}; root is needed`);
}

/** The hardware address of a namespace's eth0. */
export function macOf(namespace: string): string {
  return macOfDevice(namespace, 'eth0');
}

export function macOfDevice(namespace: string, device: string): string {
  const [link] = JSON.parse(ip('-n', namespace, '-json', 'link', 'show', 'dev', device)) as { address: string }[];
  if (link === undefined) throw new Error(`${namespace} has no ${device}`);
  return link.address;
}
