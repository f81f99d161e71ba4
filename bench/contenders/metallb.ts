/** MetalLB's controller, built from its Go module, as a plain process on the same kind of ground. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findGo } from '../../lab/binaries/go.ts';
import { cacheDirectory } from '../../lab/settings.ts';
import { type Ground, project } from '../ground.ts';
import { type Contender, launch, poolManifest, until } from './contender.ts';

const run = promisify(execFile);
const version = 'v0.13.12';
const source = join(project, 'bench/peers/metallb');

/** Where the peer's programs are; built once with Go. @throws Error where Go is missing or the build fails. */
export async function metallbPrograms(): Promise<string> {
  const hash = createHash('sha256')
    .update(readFileSync(join(source, 'go.sum')))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheDirectory(), 'bin', `metallb-${version}-${hash}`);
  if (existsSync(folder)) return folder;
  console.error(`bench: building MetalLB ${version} with Go, once`);
  const part = `${folder}.part`;
  mkdirSync(part, { recursive: true });
  const packages = ['controller', 'speaker'].map((name) => `go.universe.tf/metallb/${name}`);
  await run(
    await findGo(`MetalLB ${version}`),
    ['build', '-trimpath', '-ldflags', '-s -w', '-o', `${part}/`, ...packages],
    { cwd: source },
  );
  renameSync(part, folder);
  return folder;
}

/** The folder of the peer's own kinds, one file each. */
export async function definitions(): Promise<string> {
  const { stdout } = await run(
    await findGo(`MetalLB ${version}`),
    ['list', '-m', '-f', '{{.Dir}}', 'go.universe.tf/metallb'],
    { cwd: source },
  );
  return join(stdout.trim(), 'config/crd/bases');
}

export const metallb: Contender = {
  name: `metallb ${version}`,
  async prepare(ground, ranges) {
    await metallbPrograms();
    await ground.kubectl(['apply', '--server-side', '-f', await definitions()]);
    await until('the kinds are served', async () => {
      const found = await ground.kubectl(['get', '--raw', '/apis/metallb.io/v1beta1']).catch(() => '');
      return found.includes('ipaddresspools');
    });
    await ground.apply(poolManifest(ranges));
    await ground.apply(controllerPod);
  },
  async start(ground) {
    const running = launch(
      ground,
      'metallb',
      [join(await metallbPrograms(), 'controller'), '--port=0', '--webhook-mode=disabled', '--log-level=error'],
      {
        KUBECONFIG: ground.controlPlane.kubeconfig,
        METALLB_NAMESPACE: 'metallb-system',
        METALLB_POD_NAME: 'controller-0',
      },
    );
    await servesOne(ground);
    return running;
  },
};

/** It has no probe that says so: ready is when a first Service has its address. */
async function servesOne(ground: Ground): Promise<void> {
  await ground.apply(`apiVersion: v1
kind: Service
metadata: {name: first, namespace: default}
spec: {type: LoadBalancer, ports: [{port: 80}], selector: {app: first}}
`);
  const path = ['get', 'service', 'first', '-n', 'default', '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}'];
  await until('MetalLB serves a first Service', async () => (await ground.kubectl(path)) !== '');
  await ground.kubectl(['delete', 'service', 'first', '-n', 'default']);
}

/** It reads its own pod to know its owner. */
const controllerPod = `apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: metallb-system}
---
apiVersion: v1
kind: Pod
metadata:
  name: controller-0
  namespace: metallb-system
  labels: {app: metallb, component: controller}
spec:
  automountServiceAccountToken: false
  containers: [{name: controller, image: none}]
`;
