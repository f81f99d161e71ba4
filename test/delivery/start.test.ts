import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { unpackBerth } from '../../image/berth-image.ts';
import { findProgram } from '../../lab/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane.ts';
import { freePort } from '../../lab/machine/free-port.ts';
import { run } from '../../lab/machine/run.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { buildOffline, kustomizeFolder, type Manifest, manifestsOf, project } from './built.ts';
import { compare, grantsOf } from './grants.ts';

const USER = 'system:serviceaccount:metallb-system:controller';

/**
 * The controller as its pod runs it, short of a node: out of the image's file
 * system, which can't be written to, as user 65532, with the shipped roles.
 */
describe('the controller of the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-start-'));
  const root = join(folder, 'root');
  let controlPlane: ControlPlane;
  let kubectl: readonly string[];
  let manifests: readonly Manifest[];
  let controller: ChildProcess;
  let ended: Promise<unknown[]> | undefined;
  let health: string;

  before(async () => {
    await unpackBerth(project, root);
    controlPlane = await startControlPlane({ directory: join(folder, 'cp'), auditLog: true });
    kubectl = [await findProgram('kubectl'), '--kubeconfig', controlPlane.kubeconfig];
    manifests = manifestsOf(await buildOffline(join(kustomizeFolder, 'overlays/l2')));
    const items = manifests.filter(({ kind }) => !/^(Deployment|DaemonSet|PodDisruptionBudget)$/.test(kind));
    await apply({ apiVersion: 'v1', kind: 'List', items });

    const accounts = ['system:serviceaccounts', 'system:serviceaccounts:metallb-system'];
    copyFileSync(await controlPlane.kubeconfigFor(USER, accounts), join(root, 'kubeconfig'));
    chmodSync(join(root, 'kubeconfig'), 0o644);
    const [healthPort, webhookPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
    health = `http://127.0.0.1:${healthPort}`;
    const flags = ['--kubeconfig', '/kubeconfig', '--health-port', `${healthPort}`, '--webhook-port', `${webhookPort}`];
    const command = [
      '/usr/local/bin/berth',
      'controller',
      ...flags,
      '--webhook-url',
      `https://127.0.0.1:${webhookPort}`,
    ];
    const readOnly =
      'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec chroot --userspec=65532:65532 "$0" "$@"';
    controller = spawn('unshare', ['--mount', 'bash', '-c', readOnly, root, ...command], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    });
    ended = once(controller, 'exit');
  });

  after(async () => {
    controller?.kill('SIGKILL');
    await ended;
    await controlPlane?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const apply = (object: object) => run([...kubectl, 'apply', '-f', '-'], { input: JSON.stringify(object) });

  async function isReady(): Promise<boolean> {
    assert.ok(controller.exitCode === null && controller.signalCode === null, 'the controller has ended');
    // Refused until the port is open.
    return fetch(`${health}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  test('becomes ready', async () => {
    await waitFor(isReady, { what: 'the controller to be ready', withinMs: 120_000 });
  });

  test('gives a Service an address at its first words', async () => {
    await apply({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'first', namespace: 'metallb-system' },
      spec: { addresses: ['192.0.2.16/28'] },
    });
    await run([...kubectl, 'create', 'service', 'loadbalancer', 'web', '--tcp=80']);
    const address = await waitFor(
      async (): Promise<string | undefined> => {
        const service = JSON.parse(await run([...kubectl, 'get', 'service', 'web', '-o', 'json']));
        return service.status.loadBalancer.ingress?.[0].ip;
      },
      { what: 'an address in the status', withinMs: 60_000 },
    );
    assert.match(address, /^192\.0\.2\.(1[6-9]|2\d|3[01])$/);
  });

  test('was never refused a request by its roles', () => {
    assert.deepEqual(compare(controlPlane.requests(), USER, grantsOf(manifests, 'controller')).forbidden, []);
  });

  test('ends in peace when told to', async () => {
    controller.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
});
