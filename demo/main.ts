/**
 * `make demo`: the main job on a real cluster, told step by step. Exits 0 only
 * if every step was seen to hold. KEEP=1 leaves the cluster running.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fleet } from '../lab/flux/fleet.ts';
import { openLab } from '../lab/lab.ts';
import { deploymentYaml, serviceYaml } from './manifests.ts';
import { chapter, elapsed, follow, type Ran, type RunOptions, run, say, seen, until } from './terminal.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const labCommand = join(project, 'bin/lab');
const name = process.env.LAB && process.env.LAB !== 'dev' ? process.env.LAB : 'demo';
const environment = { ...process.env, LAB: name };
const keep = process.env.KEEP === '1';
const serverImage = 'lab.berth.dev/server:1';
const serverPort = 8080;

interface Ingress {
  readonly ip: string;
}
interface LiveService {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly Ingress[] } };
}

const lab = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  run([labCommand, ...args], { env: environment, shown: `bin/lab ${args.join(' ')}`, ...options });

const kubectl = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  lab(['kubectl', ...args], { shown: `kubectl ${args.join(' ')}`, ...options });

async function readService(service: string): Promise<LiveService | undefined> {
  const { code, stdout } = await kubectl(['get', 'service', service, '-n', 'shop', '-o', 'json'], {
    shown: '',
    mayFail: true,
  });
  return code === 0 ? (JSON.parse(stdout) as LiveService) : undefined;
}

function addressesOf(service: LiveService): readonly string[] {
  return (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
}

/** A row each time that a Service changes: its name and its addresses. */
const watchAddresses = [
  ...['get', 'services', '--all-namespaces', '--watch', '--no-headers'],
  ...['-o', 'custom-columns=NAME:.metadata.name,ADDRESSES:.status.loadBalancer.ingress[*].ip'],
];

function secondsSince(from: number): string {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}

/** What Flux applies one after the other. */
const order = [
  ['berth-crds', 'the definitions are served'],
  ['berth-controllers', 'controller, webhook and speakers are up on every node'],
  ['berth-config', 'the pool is in use'],
  ['apps', 'the Service has its addresses'],
] as const;

/** One request from the client outside the cluster; undefined where it found nobody. */
async function curl(address: string, options: RunOptions = {}): Promise<string | undefined> {
  const host = address.includes(':') ? `[${address}]` : address;
  const argv = ['curl', '--silent', '--show-error', '--max-time', '1', '--globoff', `http://${host}/`];
  const { code, stdout } = await lab(['exec', 'client', '--', ...argv], {
    shown: `bin/lab exec client -- curl http://${host}/`,
    mayFail: true,
    ...options,
  });
  return code === 0 ? stdout.trim() : undefined;
}

/** The node that says it announces this address. */
async function announcerOf(service: string): Promise<string | undefined> {
  const { stdout } = await kubectl(
    [
      'get',
      'events',
      '-n',
      'shop',
      '--field-selector',
      `involvedObject.name=${service},reason=nodeAssigned`,
      '-o',
      'json',
    ],
    { shown: '', mayFail: true },
  );
  const { items } = JSON.parse(stdout || '{"items":[]}') as {
    items: { message: string; metadata: { creationTimestamp: string }; lastTimestamp?: string }[];
  };
  const newest = items.at(-1);
  return newest ? /node "([^"]+)"/.exec(newest.message)?.[1] : undefined;
}

async function tell(): Promise<string> {
  await chapter('An empty cluster on this machine, and Flux in it', async () => {
    await lab(['up', '--without-berth', '--flux'], { live: true });
    await kubectl(['get', 'nodes', '-o', 'wide'], { show: true });
    await kubectl(['get', 'pods', '-n', 'flux-system'], { show: true });
  });
  const fleet = await Fleet.open(openLab(name));
  try {
    return await tellWith(fleet);
  } finally {
    fleet.close();
  }
}

async function tellWith(fleet: Fleet): Promise<string> {
  const { served, pushedAt } = await chapter('The platform and the shop team push', async () => {
    say(`Flux follows ${fleet.url}: the tree of flux/, and three servers for its first Service`);
    fleet.writeExample();
    fleet.writeApps({ web: deploymentYaml('web', 'shop', serverImage, serverPort) });
    const watch = follow([labCommand, 'kubectl', ...watchAddresses], { env: environment });
    try {
      await watch.line('the watch to begin', (line) => line.startsWith('kubernetes'));
      const from = performance.now();
      const commit = await fleet.push('Berth, its pool, and the shop');
      say(`git: ${commit.slice(0, 7)} pushed; from here on nobody does anything`);
      for (const [kustomization, what] of order) {
        await fleet.ready(kustomization);
        seen(`after ${secondsSince(from)}  ${kustomization}: ${what}`);
      }
      const created = await watch.line('the Service', (line) => line.startsWith('web '));
      const given = await watch.line('its addresses', (line) => /^web .*[.].*:/.test(line));
      seen(`address  seen ${(given.at - created.at).toFixed(0)} ms after the Service itself`);
      const service = await until('the Service can be read', () => readService('web'));
      const annotations = service.metadata.annotations ?? {};
      seen(`pool     ${annotations['berth.dev/assigned-pool']}`);
      seen(`because  ${annotations['berth.dev/assigned-because']}`);
      seen(`address  ${addressesOf(service).join(' and ')}`);
      return { served: addressesOf(service), pushedAt: from };
    } finally {
      watch.stop();
    }
  });

  const reached = await chapter('A client outside the cluster', async () => {
    for (const address of served) {
      const answer = await until(`an answer from ${address}`, () => curl(address, { shown: '' }));
      seen(`curl ${address}: ${answer}`);
    }
    const seconds = secondsSince(pushedAt);
    seen(`${seconds} after the push`);
    await kubectl(['get', 'pods', '-n', 'metallb-system', '-o', 'wide'], { show: true });
    return seconds;
  });
  const outage = await refusalAndFailover(fleet, served);

  await chapter('What the runbooks ask', async () => {
    await kubectl(['get', 'ipaddresspools', '-n', 'metallb-system'], { show: true });
    await kubectl(['get', 'svc', '-A', '-o', 'wide'], { show: true });
    // A pod of the node that was cut may go while its logs are being read; kubectl gives up then.
    const lines = await until('kubectl logs -l app=metallb', async () => {
      const asked = ['logs', '-n', 'metallb-system', '-l', 'app=metallb', '--tail=3', '--prefix'];
      const { code, stdout } = await kubectl(asked, { mayFail: true });
      return code === 0 ? stdout.trim().split('\n').filter(Boolean) : undefined;
    });
    for (const line of lines.slice(0, 6)) console.log(`     ${line.slice(0, 160)}`);
    if (lines.length === 0) throw new Error('kubectl logs -l app=metallb printed nothing');
  });
  return `${served.join(' and ')} served over IPv4 and IPv6, ${reached} after one push; after the cut, reachable again in ${outage}`;
}

async function refusalAndFailover(fleet: Fleet, served: readonly string[]): Promise<string> {
  await chapter('A commit that cannot work', async () => {
    const web = deploymentYaml('web', 'shop', serverImage, serverPort);
    fleet.writeApps({ web, wish: serviceYaml('wish', 'shop', 'web', serverPort, { loadBalancerIP: '192.0.2.1' }) });
    say('git: ask for an address that nobody has');
    const message = await fleet.refused('apps', await fleet.push('Ask for an address that nobody has'));
    if (!message.includes('192.0.2.1')) throw new Error(`the refusal does not name the address: ${message}`);
    console.log(`     Kustomization apps is not Ready: ${message}`);
    seen('refused, with what to do; nothing else changed');
    say('git: the wish is taken back');
    const commit = await fleet.revert();
    const from = performance.now();
    await fleet.applied('apps', commit);
    seen(`Kustomization apps is Ready again, ${secondsSince(from)} after the push`);
  });

  return chapter('The announcing node loses its link', async () => {
    const [address = ''] = served;
    const node = await until('an event names the announcing node', () => announcerOf('web'));
    say(`node ${node} announces ${address}`);
    await lab(['cut', node]);
    const from = performance.now();
    const answer = await until(
      `an answer from ${address} through another node`,
      () => curl(address, { shown: '' }),
      180,
    );
    const seconds = secondsSince(from);
    seen(`curl ${address}: ${answer}, ${seconds} after the cut`);
    await lab(['heal', node]);
    await kubectl(['wait', 'node', node, '--for=condition=Ready', '--timeout=120s']);
    for (const workload of ['deployment/controller', 'daemonset/speaker']) {
      await kubectl(['rollout', 'status', workload, '-n', 'metallb-system', '--timeout=120s']);
    }
    return seconds;
  });
}

let failure: unknown;
let measured = '';
try {
  measured = await tell();
} catch (error) {
  failure = error;
}
if (keep) {
  await lab(['kubeconfig'], { shown: '' }).then(
    ({ stdout }) => console.log(`\nThe cluster is left running: export KUBECONFIG=${stdout.trim()}`),
    () => console.log('\nThere is no cluster to leave running'),
  );
} else {
  console.log('\nCleaning up');
  await lab(['down'], { shown: 'bin/lab down', live: true });
}
if (failure) {
  console.error(failure);
  process.exit(1);
}
console.log(`\nEvery step held: ${measured}. ${elapsed()} s in all.`);
