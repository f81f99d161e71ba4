/**
 * `make demo`: the main job on a real cluster, told step by step. Exits 0 only
 * if every step was seen to hold. KEEP=1 leaves the cluster running.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deploymentYaml, kustomizationYaml, namespaceYaml, poolYaml, serviceYaml } from './manifests.ts';
import { createRepository, type Repository } from './repository.ts';
import { chapter, elapsed, follow, type Ran, type RunOptions, run, say, seen, until } from './terminal.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const labCommand = join(project, 'bin/lab');
const name = process.env.LAB && process.env.LAB !== 'dev' ? process.env.LAB : 'demo';
const environment = { ...process.env, LAB: name };
const keep = process.env.KEEP === '1';
const serverImage = 'lab.berth.dev/server:1';
const serverPort = 8080;

/** What `bin/lab info` prints, as far as the story needs it. */
interface LabInfo {
  readonly kubeconfig: string;
  readonly nodes: readonly { readonly name: string }[];
  readonly pool: { readonly v4: string; readonly v6: string };
}

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
  const info = await chapter('A real cluster on this machine', async () => {
    await lab(['up', '--without-berth'], { live: true });
    const { stdout } = await lab(['info'], { shown: '' });
    await kubectl(['get', 'nodes', '-o', 'wide'], { show: true });
    return JSON.parse(stdout) as LabInfo;
  });
  const repository = await createRepository(kubectl);
  try {
    return await tellWith(info, repository);
  } finally {
    repository.remove();
  }
}

async function tellWith(info: LabInfo, repository: Repository): Promise<string> {
  await chapter('Berth, installed from git', async () => {
    say(`A git repository holds what the cluster should be: ${repository.worktree}`);
    repository.copy(join(project, 'kustomize'), 'berth');
    await repository.commit('Install Berth', {});
    await repository.deploy('berth/overlays/lab');
    for (const workload of ['deployment/controller', 'daemonset/speaker']) {
      await kubectl(['rollout', 'status', workload, '-n', 'metallb-system', '--timeout=180s']);
    }
    await kubectl(['get', 'pods', '-n', 'metallb-system', '-o', 'wide'], { show: true });
    seen('Two controllers and a speaker on each node are Ready');
  });

  await chapter('The platform team commits a pool and a labelled namespace', async () => {
    await repository.commit('Add pool edge and give it to namespace shop', {
      'config/pool.yaml': poolYaml('edge', [info.pool.v4, info.pool.v6]),
      'config/shop.yaml': namespaceYaml('shop', 'edge'),
      'config/kustomization.yaml': kustomizationYaml(['pool.yaml', 'shop.yaml']),
    });
    await repository.deploy('config', { show: true });
  });

  const served = await chapter('The shop team commits a Deployment and a Service', async () => {
    await repository.commit('Serve the shop', {
      'apps/web.yaml': deploymentYaml('web', 'shop', serverImage, serverPort),
      'apps/service.yaml': serviceYaml('web', 'shop', 'web', serverPort),
      'apps/kustomization.yaml': kustomizationYaml(['web.yaml', 'service.yaml']),
    });
    const watch = follow([labCommand, 'kubectl', ...watchAddresses], { env: environment });
    try {
      await watch.line('the watch to begin', (line) => line.startsWith('kubernetes'));
      await repository.deploy('apps', { show: true });
      const created = await watch.line('the Service', (line) => line.startsWith('web '));
      const given = await watch.line('its addresses', (line) => /^web .*[.].*:/.test(line));
      seen(`address  seen ${(given.at - created.at).toFixed(0)} ms after the Service itself`);
    } finally {
      watch.stop();
    }
    const service = await until('the Service can be read', () => readService('web'));
    const annotations = service.metadata.annotations ?? {};
    const addresses = addressesOf(service);
    seen(`pool     ${annotations['berth.dev/assigned-pool']}`);
    seen(`because  ${annotations['berth.dev/assigned-because']}`);
    seen(`address  ${addresses.join(' and ')}`);
    await kubectl(['rollout', 'status', 'deployment/web', '-n', 'shop', '--timeout=120s']);
    return addresses;
  });

  const outage = await chapter('A client outside the cluster', async () => {
    for (const address of served) {
      const answer = await until(`an answer from ${address}`, () => curl(address, { shown: '' }));
      seen(`curl ${address}: ${answer}`);
    }
  }).then(() => refusalAndFailover(repository, served));

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
  return `${served.join(' and ')} served over IPv4 and IPv6; after the cut, reachable again in ${outage}`;
}

async function refusalAndFailover(repository: Repository, served: readonly string[]): Promise<string> {
  await chapter('A commit that cannot work', async () => {
    await repository.commit('Ask for an address that nobody has', {
      'apps/service.yaml': serviceYaml('web', 'shop', 'web', serverPort),
      'apps/wish.yaml': serviceYaml('wish', 'shop', 'web', serverPort, { loadBalancerIP: '192.0.2.1' }),
      'apps/kustomization.yaml': kustomizationYaml(['web.yaml', 'service.yaml', 'wish.yaml']),
    });
    const { code, stderr } = await repository.deploy('apps', { mayFail: true, show: true });
    if (code === 0) throw new Error('the apiserver took a Service that asks for an address outside every pool');
    if (!stderr.includes('192.0.2.1')) throw new Error('the refusal does not name the address');
    seen('refused, with what to do; nothing else changed');
    await repository.revert('Take the wish back');
    await repository.deploy('apps');
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
    const seconds = `${((performance.now() - from) / 1000).toFixed(1)} s`;
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
  await lab(['info'], { shown: '' }).then(
    ({ stdout }) =>
      console.log(`\nThe cluster is left running: export KUBECONFIG=${(JSON.parse(stdout) as LabInfo).kubeconfig}`),
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
