/** The speaker role: announces this node's share of the addresses. */
import { runSpeaker } from '../speaker/run.ts';
import { startWorkload, untilDone, type WorkloadOptions } from './workload.ts';

export interface SpeakerRoleOptions extends WorkloadOptions {
  readonly node: string;
  readonly stateDir?: string;
}

export async function runSpeakerRole(options: SpeakerRoleOptions): Promise<void> {
  const workload = await startWorkload('speaker', options);
  const { log, registry, health, client, signal } = workload;
  const { node, namespace, stateDir, lbClass: loadBalancerClass } = options;
  await untilDone(workload, () =>
    runSpeaker({
      client,
      node,
      namespace,
      stateDirectory: stateDir,
      loadBalancerClass,
      log: log.child({ node }),
      metrics: registry,
      health,
      signal,
    }),
  );
}
