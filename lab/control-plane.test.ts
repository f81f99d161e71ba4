import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findProgram } from './binaries.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { canListen, freePort } from './machine/free-port.ts';
import { identify, isAlive } from './machine/process-id.ts';
import { attempt, run } from './machine/run.ts';
import { waitFor } from './machine/wait.ts';

const scratch = mkdtempSync(join(tmpdir(), 'berth-cp-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

describe('a control plane alone', () => {
  let controlPlane: ControlPlane;
  let kubectl: string;
  before(async () => {
    kubectl = await findProgram('kubectl');
    controlPlane = await startControlPlane({ directory: join(scratch, 'one'), auditLog: true });
  });
  after(() => controlPlane?.stop());

  test('answers its administrator', async () => {
    const said = await run([kubectl, '--kubeconfig', controlPlane.kubeconfig, 'get', 'namespaces', '-o', 'name']);
    assert.match(said, /namespace\/kube-system/);
  });

  test('gives a Service an address of each family', async () => {
    const name = 'dual';
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ipFamilyPolicy: 'RequireDualStack', ports: [{ port: 80 }] },
    };
    const create = [kubectl, '--kubeconfig', controlPlane.kubeconfig, 'create', '-o', 'json', '-f', '-'];
    const created = JSON.parse(await run(create, { input: JSON.stringify(service) }));
    assert.deepEqual(created.spec.ipFamilies, ['IPv4', 'IPv6']);
  });

  test('holds other users to their rights, and the audit log says so', async () => {
    const kubeconfig = await controlPlane.kubeconfigFor('jane', ['berth:readers']);
    const outcome = await attempt([kubectl, '--kubeconfig', kubeconfig, 'get', 'secrets']);
    assert.match(outcome.stderr, /User "jane" cannot list resource "secrets"/);
    const request = controlPlane.requests().find((event) => event.user.username === 'jane' && event.objectRef);
    assert.equal(request?.verb, 'list');
    assert.equal(request?.objectRef?.resource, 'secrets');
    assert.equal(request?.responseStatus?.code, 403);
    assert.ok(request?.user.groups?.includes('berth:readers'));
  });

  test('keeps its data while the apiserver is away', async () => {
    const command = [kubectl, '--kubeconfig', controlPlane.kubeconfig];
    await run([...command, 'create', 'namespace', 'kept']);
    await controlPlane.stopApiserver();
    assert.notEqual((await attempt([...command, 'get', 'namespace', 'kept'])).code, 0);
    await controlPlane.startApiserver();
    assert.match(await run([...command, 'get', 'namespace', 'kept']), /Active/);
  });

  test('runs beside a second one', async () => {
    const second = await startControlPlane({ directory: join(scratch, 'two') });
    try {
      assert.notEqual(second.url, controlPlane.url);
      const said = await attempt([kubectl, '--kubeconfig', second.kubeconfig, 'get', 'namespace', 'kept']);
      assert.match(said.stderr, /not found/);
    } finally {
      await second.stop();
    }
  });

  test('refuses a port that is taken in one sentence, and leaves nothing running', async () => {
    const taken = Number(new URL(controlPlane.url).port);
    const started: number[] = [];
    const starting = startControlPlane({
      directory: join(scratch, 'taken'),
      port: taken,
      started: (_name, id) => started.push(id.pid),
    });
    await assert.rejects(starting, /address already in use/);
    assert.equal(started.length, 2);
    assert.deepEqual(started.map(identify), [undefined, undefined]);
  });

  test('refuses a folder whose path is too long for a socket', async () => {
    const directory = join(scratch, 'x'.repeat(120));
    await assert.rejects(startControlPlane({ directory }), /more than 107 bytes; use a shorter folder/);
  });
});

test('a control plane ends with the process that started it, even one that is killed', async () => {
  const program = `
    import { startControlPlane } from ${JSON.stringify(join(import.meta.dirname, 'control-plane.ts'))};
    const ids = [];
    await startControlPlane({ directory: process.argv[1], controllers: true, started: (_, id) => ids.push(id) });
    console.log(JSON.stringify(ids));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, join(scratch, 'orphan')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const ids = JSON.parse(line);
  assert.equal(ids.length, 4);
  assert.ok(ids.every(isAlive));
  child.kill('SIGKILL');
  await waitFor(() => !ids.some(isAlive), { what: 'the programs to end', withinMs: 30_000 });
});

test('a free port is one on which a server can listen', async () => {
  const port = await freePort('127.0.0.1');
  assert.equal(await canListen('127.0.0.1', port), true);
});
