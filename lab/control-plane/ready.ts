import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { assertRunning, lastWords } from '../machine/daemon.ts';
import type { ProcessId } from '../machine/process-id.ts';
import { waitFor } from '../machine/wait.ts';
import type { Layout } from './layout.ts';
import { type ControlPlaneSettings, urlOf } from './settings.ts';

/**
 * Waits until the apiserver calls itself ready. Another server on its port
 * can't be mistaken for it, since only this lab's authority is trusted.
 *
 * @throws LabProblem when the apiserver ends first, or isn't ready after two minutes.
 */
export async function waitUntilReady(
  layout: Layout,
  settings: ControlPlaneSettings,
  apiserver: ProcessId,
  signal?: AbortSignal,
): Promise<void> {
  const logFile = layout.log('kube-apiserver');
  await waitFor(
    async () => {
      assertRunning(apiserver, 'kube-apiserver', logFile);
      return (await statusOf(layout, settings, '/readyz')) === 200;
    },
    {
      what: `the apiserver at ${urlOf(settings)} to be ready`,
      withinMs: 120_000,
      everyMs: 100,
      signal,
      hint: () => `its log ends: ${lastWords(logFile)}`,
    },
  );
}

/** The HTTP status that the apiserver answers with; undefined while it doesn't answer. */
function statusOf(layout: Layout, settings: ControlPlaneSettings, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request(`${urlOf(settings)}${path}`, {
      ca: readFileSync(layout.authority, 'utf8'),
      headers: { authorization: `Bearer ${settings.adminToken}` },
      agent: false,
      timeout: 5000,
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('timeout', () => asked.destroy());
    // Not listening yet, or not yet fully up: the caller asks again.
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
