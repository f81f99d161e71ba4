import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensureBinaries } from '../../lab/binaries.ts';
import { labDown } from '../../lab/down.ts';
import { dropPackets } from '../../lab/hurt/loss.ts';
import { relayPackets } from '../../lab/hurt/relay.ts';
import { openLab } from '../../lab/lab.ts';
import { processesOfLab } from '../../lab/machine/owned.ts';
import { readProc } from '../../lab/machine/process-id.ts';
import { attempt } from '../../lab/machine/run.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { ensurePackages } from '../../lab/packages.ts';
import { silent } from '../../lab/progress.ts';
import { labUp } from '../../lab/up.ts';
import { type Remains, remainsOf } from './lab-remains.ts';

const command = join(import.meta.dirname, '../../bin/lab');
const name = `n${process.pid.toString(36)}`;

describe('a lab leaves nothing', () => {
  let untouched: Remains;
  before(async () => {
    await ensurePackages();
    await ensureBinaries();
    untouched = await remainsOf(name);
    assert.deepEqual([...untouched.processes, ...untouched.namespaces, ...untouched.files], []);
  });
  after(() => labDown(name, silent));

  test('after it ran, was hurt and was ended, with another lab beside it that goes on', async () => {
    const other = `b${process.pid.toString(36)}`;
    try {
      const [lab, beside] = [
        await labUp({ name, nodes: 1, report: silent }),
        await labUp({ name: other, nodes: 1, report: silent }),
      ];
      assert.notEqual(lab.plan.lan.ipv4, beside.plan.lan.ipv4);
      await dropPackets(lab, 'router', { percent: 50 });
      await relayPackets(lab, 'client', { delayMs: 5 });
      const stray = spawn(command, ['exec', 'client', '--', 'sleep', '600'], { env: { ...process.env, LAB: name } });
      const strayEnded = once(stray, 'exit');
      await waitFor(() => processesOfLab(name).some((id) => readProc(`${id.pid}/cmdline`)?.startsWith('sleep')), {
        what: 'a command to run in the lab',
        withinMs: 60_000,
      });
      const present = await remainsOf(name);
      for (const part of ['processes', 'namespaces', 'interfaces', 'routes', 'mounts', 'controlGroups'] as const) {
        assert.notDeepEqual(present[part], untouched[part], `${part} of a running lab are seen`);
      }
      await labDown(name, silent);
      assert.deepEqual(await remainsOf(name), untouched);
      // What was run in the lab has ended with it.
      await strayEnded;
      assert.match(await beside.kubectl(['get', 'nodes']), /node-1 +Ready/);
    } finally {
      await labDown(other, silent);
    }
    assert.deepEqual((await remainsOf(other)).processes, []);
  });

  for (const moment of ['Starting lab', 'Wires', 'containerd on every node', 'Control plane']) {
    test(`after Ctrl-C at "${moment}"`, async () => {
      const { code, said } = await interruptedUp(moment, 'SIGINT');
      assert.equal(code, 130, said);
      assert.match(said, /interrupted by SIGINT; nothing is left running/);
      assert.deepEqual(await remainsOf(name), untouched);
    });
  }

  test('after `up` was killed in the middle, by `down`', async () => {
    await interruptedUp('Control plane', 'SIGKILL');
    assert.throws(() => openLab(name), /never came up whole; end it with LAB=\w+ bin\/lab down/);
    assert.notDeepEqual(await remainsOf(name), untouched);
    const down = await attempt([command, 'down'], { env: { LAB: name } });
    assert.equal(down.code, 0, down.stderr);
    assert.deepEqual(await remainsOf(name), untouched);
  });

  test('when there was nothing to end', async () => {
    await labDown(name, silent);
    assert.deepEqual(await remainsOf(name), untouched);
  });
});

/** Runs `bin/lab up` and sends it a signal as soon as it says that it is at this moment. */
function interruptedUp(
  moment: string,
  signal: NodeJS.Signals,
): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const up = spawn(command, ['up', '--without-berth', '--nodes', '1'], {
      env: { ...process.env, LAB: name },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    let sent = false;
    up.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (sent || !said.includes(moment)) return;
      sent = true;
      up.kill(signal);
    });
    up.on('error', reject);
    up.on('close', (code) => resolve({ code, said }));
  });
}
