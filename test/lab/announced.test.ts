/** Who announces a Service is told on it and in ServiceL2Statuses; where nobody does, why. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../lab/machine/wait.ts';
import type { Condition } from '../../src/core/api/kubernetes.ts';
import type { ServiceL2Status } from '../../src/core/api/service-status.ts';
import { announcedOf, answeringNode, pool, removeWorkload, served, testLab, withinMs, workload } from './cluster.ts';

const lab = testLab();
const of = 'announced';
let found: readonly string[] = [];

before(async () => {
  found = await workload(lab, of, 3);
});
after(() => removeWorkload(lab, [of]));

async function statuses(): Promise<readonly ServiceL2Status[]> {
  const args = ['get', 'servicel2statuses', '-n', 'metallb-system', '-o', 'json'];
  const text = await lab.kubectl([...args, '-l', `metallb.io/service-namespace=${of},metallb.io/service-name=web`]);
  return (JSON.parse(text) as { items: ServiceL2Status[] }).items;
}

const condition = (what: string, isIt: (condition: Condition) => boolean) => announcedOf(lab, of, 'web', what, isIt);

const isTrue = (each: Condition) => each.status === 'True' && each.reason === 'Announced';

/** What the reports say together, sorted. */
async function reported(): Promise<string> {
  const all = (await statuses()).map((each) => each.metadata.annotations?.['berth.dev/addresses'] ?? '');
  return all
    .flatMap((each) => each.split(','))
    .sort()
    .join();
}

test('the Service says which node answers on which interface, and so do its ServiceL2Statuses', async () => {
  for (const address of found) {
    await served(lab, address);
    // Shares are evened out a while after a start: the two agree in the end.
    await waitFor(
      async () => {
        const { message } = await condition('True', isTrue);
        const node = await answeringNode(lab, address);
        return new RegExp(`${address}[^.]* announced by node "${node}" on eth0 since 20`).test(message);
      },
      { what: `the Service to name the node that answers for ${address}`, withinMs },
    );
  }
  await waitFor(async () => (await reported()) === [...found].sort().join(), { what: 'reports of both', withinMs });
});

test('a report that somebody changes by hand is put right', async () => {
  for (const { metadata } of await statuses()) {
    await lab.kubectl(['annotate', 'servicel2status', metadata.name, '-n', 'metallb-system', 'berth.dev/addresses-']);
  }
  await waitFor(async () => (await reported()) === [...found].sort().join(), { what: 'the annotation', withinMs });
});

test('without an advertisement nobody announces it, and the Service says what to do', async () => {
  await lab.kubectl(['delete', 'l2advertisement', of, '-n', 'metallb-system']);
  const { message } = await condition(
    'False',
    ({ status, reason }) => status === 'False' && reason === 'NotAdvertised',
  );
  assert.match(message, /announced by nobody: no L2Advertisement covers pool "announced" and this Service; add one/);
  await waitFor(async () => (await statuses()).length === 0, { what: 'no report left', withinMs });
  const [, advertisement] = pool(lab, of, 3);
  assert.ok(advertisement !== undefined);
  await lab.apply(advertisement);
  await condition('True again', isTrue);
});

test('without a ready endpoint on any node a Service of policy Local says so', async () => {
  const patch = (policy: string) =>
    lab.kubectl([
      'patch',
      'service',
      'web',
      '-n',
      of,
      '-p',
      `{"spec":{"externalTrafficPolicy":"${policy}","selector":{"app":"${policy === 'Local' ? 'nobody' : 'web'}"}}}`,
    ]);
  await patch('Local');
  const { message } = await condition('False', ({ reason }) => reason === 'NoLocalEndpoint');
  assert.match(message, /have no ready endpoint \(externalTrafficPolicy: Local\); get a pod of the Service ready/);
  await patch('Cluster');
  await condition('True again', isTrue);
});
