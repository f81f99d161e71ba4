/** Berth's controller as a plain process, with its webhooks in the path of every request. */
import { join } from 'node:path';
import { freePort } from '../../lab/machine/free-port.ts';
import { project } from '../ground.ts';
import { type Contender, launch, poolManifest, until } from './contender.ts';
import { shippedProgram } from './shipped.ts';

/** `webhooks: false` leaves the webhook configurations out, to measure what admission adds. */
export function berth(options: { readonly webhooks: boolean } = { webhooks: true }): Contender {
  return {
    name: options.webhooks ? 'berth' : 'berth without webhooks',
    async prepare(ground, ranges) {
      await ground.kubectl(['apply', '--server-side', '-k', join(project, 'kustomize/base/crds')]);
      await until('the kinds are served', async () => {
        const found = await ground.kubectl(['get', '--raw', '/apis/metallb.io/v1beta1']).catch(() => '');
        return found.includes('ipaddresspools');
      });
      await ground.apply(poolManifest(ranges));
      if (options.webhooks)
        await ground.kubectl(['apply', '--server-side', '-k', join(project, 'kustomize/base/webhook')]);
    },
    async start(ground) {
      const webhookPort = await freePort('127.0.0.1');
      const healthPort = await freePort('127.0.0.1');
      const program = await shippedProgram('controller/deployment.yaml');
      const flags = [
        'controller',
        `--kubeconfig=${ground.controlPlane.kubeconfig}`,
        `--webhook-port=${webhookPort}`,
        `--webhook-url=https://127.0.0.1:${webhookPort}`,
        `--health-port=${healthPort}`,
        '--log-level=warn',
      ];
      const running = launch(ground, 'berth', [...program.argv, ...flags], program.env);
      const probe = options.webhooks ? 'readyz' : 'livez';
      await until('Berth is ready and leads', async () => {
        const url = `http://127.0.0.1:${healthPort}`;
        const ready = await fetch(`${url}/${probe}`).then(
          (answer) => answer.ok,
          () => false,
        );
        if (!ready) return false;
        const metrics = await fetch(`${url}/metrics`).then((answer) => answer.text());
        return /^berth_leader\{[^}]*\} 1$/m.test(metrics);
      });
      return running;
    },
  };
}
