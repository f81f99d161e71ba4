import { join, resolve } from 'node:path';
import { berthImage } from './berth-image.ts';
import type { Lab } from './lab.ts';
import { withReason } from './machine/reason.ts';
import { CommandFailed } from './machine/run.ts';
import { importEverywhere } from './node/images.ts';
import { LabProblem } from './problem.ts';
import { type Report, reportToStderr, step } from './progress.ts';

const checkout = resolve(import.meta.dirname, '..');
const overlay = join(checkout, 'kustomize/overlays/lab');
const namespace = 'metallb-system';
const workloads = ['deployment/controller', 'daemonset/speaker'];

/**
 * Installs Berth from the manifests of the checkout, and from nothing else, and
 * waits until it runs everywhere. Its image must be on the nodes (`labUp` with `berth`, or `loadBerth`).
 */
export function installBerth(lab: Lab, report: Report = reportToStderr, signal?: AbortSignal): Promise<void> {
  return withReason(signal, async () => {
    await step(report, 'Berth from kustomize/overlays/lab', async () => {
      await lab.kubectl(['apply', '-k', overlay], { signal });
      await waitForRollout(lab, signal);
    });
  });
}

/** Builds the image anew, brings it and the manifests into a running lab, and restarts both workloads. */
export async function loadBerth(lab: Lab, report: Report = reportToStderr): Promise<void> {
  const { file } = await step(report, "Berth's image built", berthImage);
  await step(report, "Berth's image on every node", () => importEverywhere(lab, [file]));
  await step(report, 'Berth rolled out', async () => {
    await lab.kubectl(['apply', '-k', overlay]);
    await lab.kubectl(['-n', namespace, 'rollout', 'restart', ...workloads]);
    await waitForRollout(lab);
  });
}

/** @throws LabProblem that shows the pods and says where to look further; the lab stays as it is, to be looked at. */
async function waitForRollout(lab: Lab, signal?: AbortSignal): Promise<void> {
  try {
    for (const workload of workloads) {
      await lab.kubectl(['-n', namespace, 'rollout', 'status', workload, '--timeout=180s'], { signal });
    }
  } catch (error) {
    if (!(error instanceof CommandFailed) || signal?.aborted) throw error;
    const pods = await lab.kubectl(['-n', namespace, 'get', 'pods', '-o', 'wide']);
    throw new LabProblem(
      `Cannot bring Berth up in lab "${lab.name}": ${error.outcome.stderr.trim()}; its pods:\n${pods}` +
        `Look with LAB=${lab.name} bin/lab kubectl -n ${namespace} describe pods (or logs), end with LAB=${lab.name} bin/lab down`,
      { cause: error },
    );
  }
}
