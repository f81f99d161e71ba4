/** A control plane of its own for each contender, so that none pays for another's leftovers. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../lab/binaries.ts';
import { type ControlPlane, startControlPlane } from '../lab/control-plane.ts';
import { connectToCluster, type KubeClient } from '../src/kube/client.ts';

export const project = fileURLToPath(new URL('..', import.meta.url));
export const NAMESPACE = 'bench';

export interface Ground {
  readonly controlPlane: ControlPlane;
  /** The load's client: an administrator. */
  readonly client: KubeClient;
  /** Where contenders may write their logs. */
  readonly directory: string;
  kubectl(args: readonly string[]): Promise<string>;
  apply(manifest: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts etcd and the apiserver; `auditLog` where requests are to be counted. */
export async function openGround(options: { readonly auditLog?: boolean } = {}): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-'));
  const controlPlane = await startControlPlane({
    directory: join(directory, 'cp'),
    auditLog: options.auditLog ?? false,
    // The load must meet the contender's limits, not the apiserver's fairness between its clients.
    extraApiserverFlags: ['--max-requests-inflight=3000', '--max-mutating-requests-inflight=1000'],
  });
  const kubectlProgram = await findProgram('kubectl');
  const client = await connectToCluster({ path: controlPlane.kubeconfig }, { userAgent: 'bench' });
  const kubectl = async (args: readonly string[]): Promise<string> => {
    const all = ['--kubeconfig', controlPlane.kubeconfig, ...args];
    return (await promisify(execFile)(kubectlProgram, all, { maxBuffer: 1 << 28 })).stdout;
  };
  let files = 0;
  const ground: Ground = {
    controlPlane,
    client,
    directory,
    kubectl,
    async apply(manifest) {
      const file = join(directory, `manifest-${files++}.yaml`);
      writeFileSync(file, manifest);
      await kubectl(['apply', '--server-side', '-f', file]);
    },
    async close() {
      client.close();
      await controlPlane.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  for (const namespace of ['metallb-system', NAMESPACE]) {
    await client.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    });
  }
  return ground;
}
