/** A cluster that is run from git alone, by Flux's own controllers and the tree of flux/. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findProgram } from '../../lab/binaries.ts';
import { labDown } from '../../lab/down.ts';
import { Fleet } from '../../lab/flux/fleet.ts';
import { installFlux } from '../../lab/flux.ts';
import type { Lab } from '../../lab/lab.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { silent } from '../../lab/progress.ts';
import { labUp } from '../../lab/up.ts';
import { connectToCluster } from '../../src/kube/client.ts';
import { readFlux } from '../../src/plan/flux/read-flux.ts';
import { planOf } from '../../src/plan/forecast/forecast.ts';
import type { PlanReport } from '../../src/plan/forecast/report.ts';
import { readCluster } from '../../src/plan/read/cluster.ts';
import { addresses, namespace, pool, served, servers, service, withinMs } from '../lab/cluster.ts';

const name = `f${process.pid.toString(36)}`;
const web = servers('web', 'shop');
let lab: Lab;
let fleet: Fleet;
/** Of the example's Service, from the first commit on. */
let given: readonly string[];

before(async () => {
  process.env.KUBECTL = await findProgram('kubectl');
  lab = await labUp({ name, nodes: 2, berth: true, flux: true, report: silent });
  await installFlux(lab, silent);
  fleet = await Fleet.open(lab);
});
after(async () => {
  fleet?.close();
  await labDown(name, silent);
});

/** What `berth plan` says of the working tree of the fleet, against this cluster. */
async function plan(): Promise<PlanReport> {
  const client = await connectToCluster({ path: lab.kubeconfig });
  try {
    const tree = readFlux(join(fleet.folder, 'clusters/lab'), fleet.folder);
    return planOf({ ...tree, before: await readCluster(client), managed: 'nothing', now: Date.now() });
  } finally {
    client.close();
  }
}

/** As Flux shows what an admission webhook said of one object. */
function denied(object: string, webhook: string, message: string | undefined): string {
  return `${object} dry-run failed (Forbidden): admission webhook "${webhook}" denied the request: ${message}`;
}

async function exists(kind: string, object: string, of: string): Promise<boolean> {
  return (await lab.kubectl(['get', kind, object, '-n', of, '--ignore-not-found', '-o', 'name'])) !== '';
}

/** As `flux suspend kustomization` does, which git doesn't take back. */
function suspend(kustomization: string, value: boolean): Promise<string> {
  const patch = ['--type=merge', '--field-manager=flux', '-p', JSON.stringify({ spec: { suspend: value } })];
  return lab.kubectl(['patch', 'kustomization', kustomization, '-n', 'flux-system', ...patch]);
}

test('one push takes an empty cluster to an answer for a client outside', async () => {
  const berth = ['namespace/metallb-system', 'crd/ipaddresspools.metallb.io', 'namespace/shop'];
  assert.equal(await lab.kubectl(['get', ...berth, '--ignore-not-found', '-o', 'name']), '');
  fleet.writeExample();
  fleet.writeApps({ web });
  await fleet.applied('apps', await fleet.push('The whole cluster'));
  given = await addresses(lab, 'shop', 'web', 2);
  for (const address of given) assert.match((await served(lab, address)).pod ?? '', /^web-/);
});

test('a Service that is refused keeps its commit out, with the very message that the plan has; git mends it alone', async () => {
  fleet.writeApps({ web, wish: service('wish', 'shop', { loadBalancerIP: '192.0.2.1' }) });
  const foreseen = (await plan()).services.find((each) => each.service === 'shop/wish');
  assert.equal(foreseen?.reason, 'AddressOutsidePools');
  const shown = await fleet.refused('apps', await fleet.push('Ask for an address that nobody has'));
  assert.equal(shown, denied('Service/shop/wish', 'validate-service.berth.dev', foreseen.message));
  await fleet.applied('apps', await fleet.revert());
  assert.equal(await exists('service', 'wish', 'shop'), false);
  assert.deepEqual(await addresses(lab, 'shop', 'web', 2), given);
});

test('while its Kustomization is suspended a commit has no effect, and Berth goes on; then it is applied', async () => {
  await suspend('apps', true);
  fleet.writeApps({ web, second: service('second', 'shop') });
  const commit = await fleet.push('A second Service');
  await fleet.applied('berth-config', commit);
  assert.equal(await exists('service', 'second', 'shop'), false);
  await served(lab, given[0]!);
  await suspend('apps', false);
  await fleet.applied('apps', commit);
  await addresses(lab, 'shop', 'second', 2);
});

test('what is taken out of git goes, and nothing else', async () => {
  fleet.writeApps({ web });
  await fleet.applied('apps', await fleet.push('One Service is enough'));
  assert.equal(await exists('service', 'second', 'shop'), false);
  assert.deepEqual(await addresses(lab, 'shop', 'web', 2), given);
});

test('what is changed by hand is taken back, and the address stays', async () => {
  const patch = JSON.stringify({ spec: { selector: { app: 'nobody' } } });
  await lab.kubectl(['patch', 'service', 'web', '-n', 'shop', '-p', patch]);
  await fleet.poke('kustomization', 'apps');
  const selector = ['get', 'service', 'web', '-n', 'shop', '-o', 'jsonpath={.spec.selector.app}'];
  await waitFor(async () => (await lab.kubectl(selector)) === 'web', {
    what: 'the selector to be as in git',
    withinMs,
  });
  assert.deepEqual(await addresses(lab, 'shop', 'web', 2), given);
  await served(lab, given[0]!);
});

test('another name for a pool in use is refused as the plan says, and its Services keep their addresses', async () => {
  const file = 'berth/config/pools.yaml';
  const text = readFileSync(join(fleet.folder, file), 'utf8');
  fleet.write({ [file]: text.replace('name: edge\n', 'name: border\n') });
  const foreseen = (await plan()).configuration.find((each) => each.name === 'border');
  assert.match(foreseen?.refusal ?? '', /overlaps/);
  const shown = await fleet.refused('berth-config', await fleet.push('Call the pool border'));
  const object = 'IPAddressPool/metallb-system/border';
  assert.equal(shown, denied(object, 'validate-config.berth.dev', foreseen?.refusal));
  await fleet.applied('apps', await fleet.revert());
  assert.deepEqual(await addresses(lab, 'shop', 'web', 2), given);
});

test('a Service and its pool in one Kustomization come together and go together', async () => {
  const [own, announced] = pool(lab, 'own', 1);
  const pinned = service('web', 'own', {}, { 'metallb.io/address-pool': 'own' });
  fleet.writeApps({ web, team: namespace('own'), service: pinned, pool: own!, announced: announced! });
  await fleet.applied('apps', await fleet.push('A team with a pool of its own'));
  await addresses(lab, 'own', 'web', 2);
  fleet.writeApps({ web });
  await fleet.applied('apps', await fleet.push('The team leaves'));
  assert.equal(await exists('ipaddresspool', 'own', 'metallb-system'), false);
});
