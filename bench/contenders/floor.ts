/** The floor: a bare watch-and-patch loop, which is all that the apiserver itself allows. */
import { fileURLToPath } from 'node:url';
import { project } from '../ground.ts';
import { type Contender, launch } from './contender.ts';

export const floor: Contender = {
  name: 'floor',
  // It knows no kinds and no pools.
  prepare: () => Promise.resolve(),
  async start(ground) {
    return launch(ground, 'floor', [
      `${project}node_modules/.bin/node`,
      fileURLToPath(new URL('floor-loop.ts', import.meta.url)),
      ground.controlPlane.kubeconfig,
    ]);
  },
};
