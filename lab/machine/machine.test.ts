import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertRunning, startDaemon } from './daemon.ts';
import { endProcesses, identify, isAlive, signalProcess } from './process-id.ts';
import { attempt, run } from './run.ts';
import { allOf } from './settled.ts';
import { waitFor } from './wait.ts';

const scratch = mkdtempSync(join(tmpdir(), 'berth-machine-'));
after(() => rmSync(scratch, { recursive: true }));
const daemon = (name: string, command: readonly string[]) =>
  startDaemon({ command, logFile: join(scratch, `${name}.log`), lifetime: 'with-parent' });

test('a process is known by its number and its start time: a later one with the same number is another', async () => {
  const id = await daemon('sleep', ['sleep', '600']);
  assert.ok(isAlive(id));
  const impostor = { pid: id.pid, startTime: `${Number(id.startTime) + 1}` };
  assert.equal(isAlive(impostor), false);
  assert.equal(signalProcess(impostor, 'SIGKILL'), false);
  assert.ok(isAlive(id));
  await endProcesses([id]);
  assert.equal(identify(id.pid)?.startTime === id.startTime, false);
});

test('a process that ignores SIGTERM is killed after its grace', async () => {
  const id = await daemon('stubborn', ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done']);
  await waitFor(() => readFileSync(join(scratch, 'stubborn.log'), 'utf8').includes('ready'), {
    what: 'the trap',
    withinMs: 30_000,
  });
  await endProcesses([id], 100);
  assert.equal(isAlive(id), false);
});

test('a daemon that ended is reported with its last words', async () => {
  const id = await daemon('brief', ['sh', '-c', 'echo "bind: address already in use" >&2; sleep 2; exit 1']);
  await waitFor(() => !isAlive(id), { what: 'the program to end', withinMs: 30_000 });
  assert.throws(
    () => assertRunning(id, 'etcd', join(scratch, 'brief.log')),
    /^LabProblem: etcd ended instead of running: bind: address already in use \(whole log: .*brief\.log\)$/,
  );
});

test("a daemon gets nothing of the caller's environment but PATH and HOME", async () => {
  process.env.ETCD_NAME = 'planted';
  const id = await daemon('env', ['sleep', '600']);
  delete process.env.ETCD_NAME;
  const names = readFileSync(`/proc/${id.pid}/environ`, 'utf8').split('\0').filter(Boolean);
  assert.deepEqual(names.map((entry) => entry.split('=')[0]).sort(), ['HOME', 'PATH']);
  await endProcesses([id]);
});

test('a program that is not installed is one sentence with the package', async () => {
  const env = { PATH: scratch };
  await assert.rejects(attempt(['nft', 'list'], { env }), {
    name: 'LabProblem',
    message: 'Cannot run "nft": it is not installed; install the Debian package nftables',
  });
  const missing = { command: ['runc'], logFile: join(scratch, 'none.log'), env, lifetime: 'detached' } as const;
  await assert.rejects(startDaemon(missing), /^LabProblem: Cannot run "runc": .*install the Debian package runc$/);
});

test('a command that fails says what it was and what it said', async () => {
  await assert.rejects(run(['sh', '-c', 'echo no luck >&2; exit 3']), /exit code 3: no luck/);
});

test('works side by side are all waited for before the first failure is thrown', async () => {
  let finished = false;
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    finished = true;
  };
  const bad = async () => {
    throw new Error('first');
  };
  await assert.rejects(allOf([slow(), bad()]), /first/);
  assert.ok(finished);
});

test('waiting in vain says for what, and what to look at', async () => {
  const patience = { what: 'the moon', withinMs: 20, everyMs: 5, hint: () => 'look up' };
  await assert.rejects(
    waitFor(() => false, patience),
    /^LabProblem: Waited 0 s in vain for the moon; look up$/,
  );
});
