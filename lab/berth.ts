import { join, resolve } from 'node:path';
import { buildBerthImage } from '../image/berth-image.ts';
import type { Lab } from './lab.ts';
import { withReason } from './machine/reason.ts';
import { importEverywhere } from './node/images.ts';
import { type Report, reportToStderr, step } from './progress.ts';
import { cacheDirectory } from './settings.ts';

const checkout = resolve(import.meta.dirname, '..');
const overlay = join(checkout, 'kustomize/overlays/lab');
const imageName = 'berth.dev/berth:dev';
const namespace = 'metallb-system';
const workloads = ['deployment/controller', 'daemonset/speaker'];

/** Builds Berth's own image from the checkout and returns its archive; layers that didn't change come from the cache. */
export async function berthArchive(): Promise<string> {
  const image = await buildBerthImage(checkout, imageName, join(cacheDirectory(), 'images', 'berth-dev.oci.tar'));
  return image.file;
}

/** Installs Berth from the manifests of the checkout, and from nothing else, and waits until it runs everywhere. */
export function installBerth(lab: Lab, report: Report = reportToStderr, signal?: AbortSignal): Promise<void> {
  return withReason(signal, async () => {
    const archive = await step(report, "Berth's image built", berthArchive);
    await step(report, "Berth's image on every node", () => importEverywhere(lab, [archive], signal));
    await step(report, 'Berth from kustomize/overlays/lab', async () => {
      await lab.kubectl(['apply', '-k', overlay], { signal });
      await waitForRollout(lab, signal);
    });
  });
}

/** Builds the image anew, brings it and the manifests into a running lab, and restarts both workloads. */
export async function loadBerth(lab: Lab, report: Report = reportToStderr): Promise<void> {
  const archive = await step(report, "Berth's image built", berthArchive);
  await step(report, "Berth's image on every node", () => importEverywhere(lab, [archive]));
  await step(report, 'Berth rolled out', async () => {
    await lab.kubectl(['apply', '-k', overlay]);
    await lab.kubectl(['-n', namespace, 'rollout', 'restart', ...workloads]);
    await waitForRollout(lab);
  });
}

async function waitForRollout(lab: Lab, signal?: AbortSignal): Promise<void> {
  for (const workload of workloads) {
    await lab.kubectl(['-n', namespace, 'rollout', 'status', workload, '--timeout=180s'], { signal });
  }
}
