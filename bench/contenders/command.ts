/** Any other controller binary: `--peer NAME=COMMAND`. */
import { type Contender, launch, poolManifest } from './contender.ts';
import { metallb } from './metallb.ts';

/**
 * The command runs with KUBECONFIG set, on a cluster with MetalLB's kinds and one pool.
 *
 * @throws Error where the text isn't NAME=COMMAND.
 */
export function commandContender(text: string): Contender {
  const split = text.indexOf('=');
  if (split < 1) throw new Error(`Cannot read --peer ${JSON.stringify(text)}: expected NAME=COMMAND`);
  const name = text.slice(0, split);
  const command = text.slice(split + 1);
  return {
    name,
    prepare: (ground, ranges) => metallb.prepare(ground, ranges).then(() => ground.apply(poolManifest(ranges))),
    start: async (ground) =>
      launch(ground, name, ['sh', '-c', `exec ${command}`], { KUBECONFIG: ground.controlPlane.kubeconfig }),
  };
}
