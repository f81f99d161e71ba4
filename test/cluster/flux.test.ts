/** A cluster that is run from git alone, by Flux's own controllers and the tree of flux/. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { findProgram } from '../../lab/binaries.ts';
import { labDown } from '../../lab/down.ts';
import { Fleet } from '../../lab/flux/fleet.ts';
import { installFlux } from '../../lab/flux.ts';
import type { Lab } from '../../lab/lab.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { silent } from '../../lab/progress.ts';
import { labUp } from '../../lab/up.ts';
import type { Service } from '../../src/core/api/kubernetes.ts';
import { connectToCluster, type KubeClient } from '../../src/kube/client.ts';
import { readFlux } from '../../src/plan/flux/read-flux.ts';
import { planOf } from '../../src/plan/forecast/forecast.ts';
import type { PlanReport } from '../../src/plan/forecast/report.ts';
import { readCluster } from '../../src/plan/read/cluster.ts';
import {
  addresses,
  addressesOf,
  namespace,
  pool,
  readService,
  served,
  servers,
  service,
  withinMs,
} from '../lab/cluster.ts';
import { AddressHistory } from '../support/address-history.ts';
import { commandsOf, type } from '../support/guide.ts';
import { SteadyCreates } from '../support/steady-creates.ts';
import { names, nodesWithTable, present, unanswered } from './berth-remains.ts';
import { writeNextVersion } from './next-version.ts';

const project = resolve(import.meta.dirname, '../..');
const name = `f${process.pid.toString(36)}`;
const web = servers('web', 'shop');
let lab: Lab;
let client: KubeClient;
let fleet: Fleet;
/** Of the example's Service, from the first commit on. */
let given: readonly string[];

before(async () => {
  process.env.KUBECTL = await findProgram('kubectl');
  lab = await labUp({ name, nodes: 2, berth: true, flux: true, report: silent });
  await installFlux(lab, silent);
  client = await connectToCluster({ path: lab.kubeconfig });
  fleet = await Fleet.open(lab);
});
after(async () => {
  client?.close();
  fleet?.close();
  await labDown(name, silent);
});

/** What `berth plan` says of the working tree of the fleet, against this cluster. */
async function plan(): Promise<PlanReport> {
  const tree = readFlux(join(fleet.folder, 'clusters/lab'), fleet.folder);
  return planOf({ ...tree, before: await readCluster(client), managed: 'nothing', now: Date.now() });
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

/** Types what a guide says, in the fleet's repository; Flux looks at what was pushed at once. */
async function followWithFlux(guide: string): Promise<void> {
  for (const command of commandsOf(guide, 'With Flux')) {
    await type(lab, fleet.folder, command);
    if (command === 'git push') await fleet.pushed();
  }
}

async function follow(guide: string, heading: string): Promise<void> {
  for (const command of commandsOf(guide, heading)) await type(lab, project, command);
}

/** Of Berth's pods, each once. */
async function imagesInUse(): Promise<readonly string[]> {
  const jsonpath = 'jsonpath={.items[*].spec.containers[*].image}';
  return [...new Set((await lab.kubectl(['get', 'pods', '-n', 'metallb-system', '-o', jsonpath])).split(' '))];
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

test('an upgrade by one commit, beside fifty Services a second: every one is admitted, no address changes', async () => {
  const history = new AddressHistory(client);
  const creates = new SteadyCreates({
    client,
    namespace: 'shop',
    perSecond: 50,
    real: { every: 100, names: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] },
    manifest: (each) => service(each, 'shop') as Service,
  });
  try {
    await history.synced;
    const before = await imagesInUse();
    const release = await fleet.release('0.2.0', writeNextVersion);
    await followWithFlux('docs/operate/upgrade.md');
    for (const each of ['berth-crds', 'berth-controllers']) await fleet.applied(each, release);
    await fleet.applied('apps', await fleet.pushed());
    // So far the new pods are ready; an old one may still be answering what it was asked.
    const after = await waitFor(
      async () => {
        const images = await imagesInUse();
        return images.length === 1 && images;
      },
      { what: 'the last pod of the old version to go', withinMs },
    );
    assert.notDeepEqual(after, before);
    await creates.stop();
    assert.deepEqual(creates.failures, [], `of ${creates.asked} creates`);
    assert.notDeepEqual(creates.made, []);
    for (const made of creates.made) await addresses(lab, 'shop', made, 2);
    await waitFor(() => creates.made.every((made) => history.of(`shop/${made}`).length > 0), {
      what: 'the watch to have seen every address',
      withinMs,
    });
    assert.deepEqual(history.changed(), []);
    assert.deepEqual(history.of('shop/web'), [given.join(' and ')]);
  } finally {
    await creates.stop();
    await history.close();
  }
  for (const address of given) await served(lab, address);
  await lab.kubectl(['delete', 'service', '-n', 'shop', ...creates.made]);
});

test('Berth goes by one commit, with all that it left on nodes; what is guarded and every address stay', async () => {
  assert.notDeepEqual(await nodesWithTable(lab), []);
  const definitions = await present(lab, 'flux/crds');
  await followWithFlux('docs/operate/uninstall.md');
  await fleet.applied('apps', await fleet.pushed());
  assert.deepEqual(await present(lab, 'flux/controllers'), ['namespace/metallb-system']);
  const own = ['kustomizations,gitrepositories', '-n', 'flux-system', '--field-selector=metadata.name!=apps'];
  await waitFor(async () => (await names(lab, ...own)).every((each) => each.endsWith('/flux-system')), {
    what: 'Kustomizations and source of Berth to go',
    withinMs,
  });
  assert.deepEqual(await nodesWithTable(lab), []);
  assert.deepEqual(await present(lab, 'flux/crds'), definitions);
  assert.deepEqual(await names(lab, 'ipaddresspools,secrets,leases', '-n', 'metallb-system'), [
    'ipaddresspool.metallb.io/edge',
    'secret/berth-membership',
    'secret/berth-webhook-cert',
    'lease.coordination.k8s.io/berth-controller',
  ]);
  assert.deepEqual(addressesOf(await readService(lab, 'shop', 'web')), given);
  for (const address of given) await unanswered(lab, address);
});

test('what was guarded goes by hand, and nothing is left but the addresses', async () => {
  await follow('docs/operate/uninstall.md', 'For good');
  for (const folder of ['flux/controllers', 'flux/crds']) assert.deepEqual(await present(lab, folder), [], folder);
  assert.deepEqual(addressesOf(await readService(lab, 'shop', 'web')), given);
});

test('a new install takes up the addresses that it finds; removed by kubectl, it leaves them until somebody says otherwise', async () => {
  await follow('docs/install.md', 'With kubectl');
  await lab.apply(...pool(lab, 'edge', 0, { addresses: Object.values(lab.plan.loadBalancers) }));
  for (const address of given) await served(lab, address);
  assert.deepEqual(addressesOf(await readService(lab, 'shop', 'web')), given);
  await follow('docs/operate/uninstall.md', 'With kubectl');
  assert.deepEqual(await present(lab, 'kustomize/overlays/l2'), []);
  assert.deepEqual(await nodesWithTable(lab), []);
  assert.deepEqual(addressesOf(await readService(lab, 'shop', 'web')), given);
  await follow('docs/operate/uninstall.md', 'The Services');
  await waitFor(async () => addressesOf(await readService(lab, 'shop', 'web')).length === 0, {
    what: 'a Service of another type to have no address',
    withinMs,
  });
});
