/** Controllers as processes, to be killed and started again. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isNotFound } from '../../../src/kube/kube-error.ts';
import type { Lease } from '../../../src/kube/lease.ts';
import { leases } from '../../../src/kube/resources.ts';
import { type ClusterGround, configNamespace } from './cluster-ground.ts';

export class ChildControllers {
  readonly #ground: ClusterGround;
  readonly #children = new Map<string, ChildProcess>();
  /** What ended by itself, which none should. */
  readonly failures: string[] = [];

  constructor(ground: ClusterGround) {
    this.#ground = ground;
  }

  start(name: string): void {
    const script = fileURLToPath(new URL('controller-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, this.#ground.plane.kubeconfig, name], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('exit', (code) => {
      if (code !== null && code !== 0) this.failures.push(`${name} ended with ${code}: ${errors}`);
    });
    this.#children.set(name, child);
  }

  /** Name of the one that leads; undefined while none does. */
  async leader(): Promise<string | undefined> {
    try {
      const lease = await this.#ground.client.get<Lease>({
        resource: leases,
        namespace: configNamespace,
        name: 'berth-controller',
      });
      const holder = lease.spec?.holderIdentity ?? '';
      return [...this.#children.keys()].find((name) => holder.startsWith(`${name}_`));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Kills one without warning. */
  async kill(name: string): Promise<void> {
    const child = this.#children.get(name);
    assert.ok(child !== undefined, `${name} runs`);
    this.#children.delete(name);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async stopAll(): Promise<void> {
    const children = [...this.#children.values()];
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }),
    );
  }
}
