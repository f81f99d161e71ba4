import { fluxRecipes } from './binaries/recipe.ts';
import { fluxImages } from './flux/images.ts';
import { fluxDefinitions, fluxNamespace, fluxWorkloads } from './flux/manifests.ts';
import type { Lab } from './lab.ts';
import { importEverywhere } from './node/images.ts';
import { type Report, reportToStderr, step } from './progress.ts';

/**
 * Installs Flux's source-controller and kustomize-controller in a running lab,
 * as pods, and waits until both are ready. Nodes of a lab that was brought up
 * with `flux` have the images already.
 */
export async function installFlux(lab: Lab, report: Report = reportToStderr, signal?: AbortSignal): Promise<void> {
  const images = await fluxImages(report, signal);
  const files = images.map(({ file }) => file);
  await step(report, "Flux's images on every node", () => importEverywhere(lab, files, signal));
  await step(report, "Flux's source and kustomize controllers", async () => {
    // Server-side: the definitions are longer than an annotation may be.
    const apply = async (objects: readonly object[]) => {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      await lab.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input, signal });
    };
    await apply(await fluxDefinitions());
    await apply(await fluxWorkloads(storageAddress(lab)));
    for (const { name } of fluxRecipes) {
      const status = ['rollout', 'status', `deployment/${name}`, '--timeout=180s'];
      await lab.kubectl(['-n', fluxNamespace, ...status], { signal });
    }
  });
}

/** A Service address of its own, since there is no DNS that would find it by name. */
function storageAddress(lab: Lab): string {
  const [network = ''] = lab.plan.serviceCidrs.ipv4.split('/');
  return network.replace(/\.0$/, '.80');
}

/**
 * Makes Flux follow the branch main of a repository and apply one folder of
 * it, which may hold further Kustomizations; what `flux bootstrap` leaves in a cluster.
 */
export async function followRepository(lab: Lab, url: string, path: string): Promise<void> {
  const metadata = { name: fluxNamespace, namespace: fluxNamespace };
  await lab.apply(
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata,
      spec: { url, ref: { branch: 'main' }, interval: '10s' },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: {
        sourceRef: { kind: 'GitRepository', name: fluxNamespace },
        path,
        interval: '10m',
        retryInterval: '5s',
        prune: true,
      },
    },
  );
}
