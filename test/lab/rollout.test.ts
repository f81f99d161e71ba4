/** Restarting both workloads costs no address. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  addresses,
  addressesOf,
  namespace,
  pool,
  readService,
  removeWorkload,
  served,
  servers,
  service,
  testLab,
  withinMs,
} from './cluster.ts';

const lab = testLab();
const of = 'rollout';
const names = Array.from({ length: 5 }, (_, index) => `svc-${index}`);
const before_ = new Map<string, string[]>();

before(async () => {
  await lab.apply(...pool(lab, of, 1, { serviceAllocation: { namespaces: [of] } }), namespace(of));
  await lab.apply(servers('web', of), ...names.map((name) => service(name, of, { selector: { app: 'web' } })));
  for (const name of names) before_.set(name, await addresses(lab, of, name, 2));
});
after(() => removeWorkload(lab, [of]));

for (const workload of ['deployment/controller', 'daemonset/speaker']) {
  test(`kubectl rollout restart ${workload} completes and every address stays`, async () => {
    await lab.kubectl(['rollout', 'restart', workload, '-n', 'metallb-system']);
    await lab.kubectl(['rollout', 'status', workload, '-n', 'metallb-system', `--timeout=${withinMs / 1000}s`]);
    for (const name of names) {
      assert.deepEqual(addressesOf(await readService(lab, of, name)), before_.get(name), `addresses of ${name}`);
    }
    for (const address of before_.get('svc-0')!) await served(lab, address);
  });
}
