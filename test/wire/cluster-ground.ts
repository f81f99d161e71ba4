/** A real apiserver, and speakers as processes, each in the network namespace of its node. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../lab/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane.ts';
import type { KubeObject } from '../../src/core/api/kubernetes.ts';
import { connectToCluster, type KubeClient } from '../../src/kube/client.ts';
import * as resources from '../../src/kube/resources.ts';
import { inNamespace, Lan } from './namespaces.ts';

const run = promisify(execFile);

const SPEAKER = new URL('./speaker-process.ts', import.meta.url).pathname;
const CRDS = new URL('../../kustomize/base/crds', import.meta.url).pathname;
const HEALTH_PORT = 7472;
const NAMESPACE = 'metallb-system';

export class ClusterGround implements AsyncDisposable {
  readonly lan = new Lan();
  readonly #directory = mkdtempSync(join(tmpdir(), 'bw-'));
  readonly #doors: Server[] = [];
  readonly #speakers = new Set<Speaker>();
  #controlPlane: ControlPlane | undefined;
  #client: KubeClient | undefined;

  /** A cluster with our custom resources, one pool and one advertisement, and no node. */
  static async start(): Promise<ClusterGround> {
    const ground = new ClusterGround();
    try {
      await ground.#start();
      return ground;
    } catch (error) {
      await ground[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const controlPlane = await startControlPlane({ directory: join(this.#directory, 'cp') });
    this.#controlPlane = controlPlane;
    this.#client = await connectToCluster({ path: controlPlane.kubeconfig });
    const kubectl = await findProgram('kubectl');
    const flags = ['--kubeconfig', controlPlane.kubeconfig];
    await run(kubectl, [...flags, 'apply', '--kustomize', CRDS]);
    await run(kubectl, [...flags, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=120s']);
    await this.create(resources.namespaces, { metadata: { name: NAMESPACE } });
    await this.create(resources.ipAddressPools, {
      metadata: { name: 'edge', namespace: NAMESPACE },
      spec: { addresses: ['192.0.2.128/25', '2001:db8::1000-2001:db8::1fff'] },
    });
    await this.create(resources.l2Advertisements, { metadata: { name: 'edge', namespace: NAMESPACE }, spec: {} });
  }

  get controlPlane(): ControlPlane {
    if (this.#controlPlane === undefined) throw new Error('the control plane is not up');
    return this.#controlPlane;
  }

  get client(): KubeClient {
    if (this.#client === undefined) throw new Error('the control plane is not up');
    return this.#client;
  }

  create(resource: resources.Resource, object: KubeObject & { readonly spec?: object }): Promise<KubeObject> {
    const apiVersion = resources.apiVersionOf(resource);
    const { namespace } = object.metadata;
    return this.client.create({ resource, namespace }, { apiVersion, kind: resource.kind, ...object });
  }

  /** A node, Ready, in a namespace of its own. Returns that namespace's name. */
  async addNode(name: string, host: number): Promise<string> {
    const namespace = this.lan.addHost(name, [`192.0.2.${host}/24`, `2001:db8::${host}/64`]);
    this.#openDoor(namespace);
    await this.create(resources.nodes, { metadata: { name } });
    const status = {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [
        { type: 'InternalIP', address: `192.0.2.${host}` },
        { type: 'InternalIP', address: `2001:db8::${host}` },
      ],
    };
    const target = { resource: resources.nodes, name, subresource: 'status' };
    await this.client.patch(target, { status }, { type: 'merge' });
    return namespace;
  }

  /** A Service that holds these addresses, as the allocator would have given them. */
  async addService(name: string, addresses: readonly string[], spec: object = {}): Promise<void> {
    await this.create(resources.services, {
      metadata: { name, namespace: 'default', annotations: { 'metallb.io/ip-allocated-from-pool': 'edge' } },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
    });
    const target = { resource: resources.services, namespace: 'default', name, subresource: 'status' };
    const status = { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } };
    await this.client.patch(target, { status }, { type: 'merge' });
  }

  startSpeaker(node: string, namespace: string): Speaker {
    const log = join(this.#directory, `${node}-${this.#speakers.size}.log`);
    // As a pod's volume it outlives the process.
    const state = join(this.#directory, `state-${node}`);
    mkdirSync(state, { recursive: true });
    const speaker = new Speaker(namespace, log, [this.controlPlane.kubeconfig, node, `${HEALTH_PORT}`, state]);
    this.#speakers.add(speaker);
    return speaker;
  }

  /** What the speaker of a node keeps on disk; empty where it keeps nothing yet. */
  stateOf(node: string): string {
    const file = join(this.#directory, `state-${node}`, 'state.json');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const speaker of this.#speakers) await speaker.kill('SIGKILL');
      for (const door of this.#doors) door.close();
      await this.#controlPlane?.stop();
    } finally {
      this.lan[Symbol.dispose]();
      rmSync(this.#directory, { recursive: true, force: true });
    }
  }

  /** Lets the apiserver, which listens on the machine's own loopback, be reached at the same place in a namespace. */
  #openDoor(namespace: string): void {
    const port = Number(new URL(this.controlPlane.url).port);
    const door = createServer((inside) => {
      const outside = connect(port, '127.0.0.1');
      inside.pipe(outside).pipe(inside);
      // Either end may go at any time: the other is then of no use.
      inside.on('error', () => outside.destroy());
      outside.on('error', () => inside.destroy());
    });
    inNamespace(namespace, () => door.listen(port));
    this.#doors.push(door);
  }
}

export class Speaker {
  readonly #namespace: string;
  readonly #log: string;
  readonly #process: ChildProcess;

  constructor(namespace: string, log: string, args: readonly string[]) {
    this.#namespace = namespace;
    this.#log = log;
    const output = openSync(log, 'a');
    // `ip netns exec` becomes the program: its process id is the speaker's.
    const command = ['netns', 'exec', namespace, process.execPath, SPEAKER, ...args];
    this.#process = spawn('ip', command, { stdio: ['ignore', output, output] });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** What it has logged so far. */
  log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async isReady(): Promise<boolean> {
    return (await this.#ask('readyz')).includes('readyz check passed');
  }

  metrics(): Promise<string> {
    return this.#ask('metrics');
  }

  /** Something that it shows as JSON beside its metrics; undefined while it doesn't listen. */
  async page(path: string): Promise<unknown> {
    const text = await this.#ask(path);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Stops it where it is, or lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(name);
  }

  /** Ends it; returns its exit code, or null where the signal ended it. */
  async kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return this.#process.exitCode;
    const exited = once(this.#process, 'exit') as Promise<[number | null]>;
    this.#process.kill(signal);
    return (await exited)[0];
  }

  async #ask(path: string): Promise<string> {
    if (this.#process.exitCode !== null) throw new Error(`the speaker ended:\n${this.log()}`);
    const url = `http://127.0.0.1:${HEALTH_PORT}/${path}`;
    const args = ['netns', 'exec', this.#namespace, 'curl', '--silent', '--max-time', '10', url];
    try {
      return (await run('ip', args)).stdout;
    } catch (error) {
      // Not listening yet.
      if ((error as { code?: unknown }).code === 7) return '';
      throw error;
    }
  }
}
