/** What the tests on a whole cluster share: the lab that `make test` brought up, and a served workload in it. */

import { type Lab, openLab } from '../../lab/lab.ts';
import { CommandFailed } from '../../lab/machine/run.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import type { Condition, LoadBalancerIngress } from '../../src/core/api/kubernetes.ts';
import { formatAddress, parseAddress } from '../../src/core/net/address.ts';
import type { Result } from '../../src/core/result.ts';

/** Generous: a test waits for a condition, it never measures. */
export const withinMs = 180_000;

/** The lab of this test run. @throws Error where the tests were not started by the runner. */
export function testLab(): Lab {
  const name = process.env.BERTH_TEST_LAB;
  if (!name) {
    throw new Error(
      'Cannot run without a cluster: start these tests with `make test ONLY=test/lab`, or set BERTH_TEST_LAB to the name of a lab that is up',
    );
  }
  return openLab(name);
}

export interface LiveService {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] };
    readonly conditions?: readonly Condition[];
  };
}

/** Half of the lab's LoadBalancer prefix of each family would be shared by all tests; each takes a pool of its own. */
export function pool(
  lab: Lab,
  name: string,
  quarter: 0 | 1 | 2 | 3,
  spec: object = {},
  annotations: Readonly<Record<string, string>> = {},
): object[] {
  return [
    {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name, namespace: 'metallb-system', annotations },
      spec: {
        addresses: [quarterOf(lab.plan.loadBalancers.ipv4, quarter), sixteenOf(lab.plan.loadBalancers.ipv6, quarter)],
        ...spec,
      },
    },
    {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'L2Advertisement',
      metadata: { name, namespace: 'metallb-system' },
      spec: { ipAddressPools: [name] },
    },
  ];
}

/** Sixteen addresses of an IPv4 prefix whose host part begins at zero. */
function quarterOf(prefix: string, quarter: number): string {
  const [base = ''] = prefix.split('/');
  const bytes = base.split('.').map(Number);
  bytes[3] = bytes[3]! + quarter * 16;
  return `${bytes.join('.')}/28`;
}

function sixteenOf(prefix: string, quarter: number): string {
  const [base = ''] = prefix.split('/');
  return `${base.replace(/::$/, '')}::${quarter + 1}0/124`;
}

/** The address of each family at this place of a quarter, the first one at 0. */
export function addressesAt(lab: Lab, quarter: 0 | 1 | 2 | 3, place: number): readonly string[] {
  const { ipv4, ipv6 } = lab.plan.loadBalancers;
  return [quarterOf(ipv4, quarter), sixteenOf(ipv6, quarter)].map((prefix) => {
    const { family, value } = known(parseAddress(prefix.split('/')[0] ?? ''));
    return formatAddress({ family, value: value + BigInt(place) });
  });
}

/** What the lab itself has written down is sound. */
export function known<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A server on every node. */
export function servers(name: string, of: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: of },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'server',
              image: 'lab.berth.dev/server:1',
              imagePullPolicy: 'IfNotPresent',
              env: [
                { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
              ],
              readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  };
}

export function service(
  name: string,
  of: string,
  spec: object = {},
  annotations: Readonly<Record<string, string>> = {},
): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: of, annotations },
    spec: {
      type: 'LoadBalancer',
      ipFamilyPolicy: 'PreferDualStack',
      selector: { app: name },
      ports: [{ port: 80, targetPort: 8080 }],
      ...spec,
    },
  };
}

/**
 * What kubectl prints where admission refuses an object. A replica whose watch
 * is a moment behind lets it pass, and leaves it to the controller: then it is
 * taken back and tried again.
 */
export function refusal(lab: Lab, object: object): Promise<string> {
  const { kind, metadata } = object as { kind: string; metadata: { name: string; namespace: string } };
  const { name, namespace: of } = metadata;
  return waitFor(
    async () => {
      const refused = await lab.apply(object).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (refused === undefined) await lab.kubectl(['delete', kind, name, '-n', of]);
      return refused;
    },
    { what: `a refusal of ${kind} ${of}/${name}`, withinMs },
  );
}

export async function readService(lab: Lab, of: string, name: string): Promise<LiveService> {
  return JSON.parse(await lab.kubectl(['get', 'service', name, '-n', of, '-o', 'json'])) as LiveService;
}

export function addressesOf(live: LiveService): string[] {
  return (live.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}

/** Waits until the Service has this many addresses, and returns them. */
export function addresses(lab: Lab, of: string, name: string, count: number): Promise<string[]> {
  return waitFor(
    async () => {
      const found = addressesOf(await readService(lab, of, name));
      return found.length === count && found;
    },
    { what: `${count} addresses of Service ${of}/${name}`, withinMs },
  );
}

/** Waits until the condition Announced of the Service is so, and returns it. */
export function announcedOf(
  lab: Lab,
  of: string,
  name: string,
  what: string,
  isIt: (condition: Condition) => boolean,
): Promise<Condition> {
  return waitFor(
    async () => {
      const { status } = await readService(lab, of, name);
      return status?.conditions?.find((each) => each.type === 'berth.dev/Announced' && isIt(each));
    },
    { what: `Announced of ${of}/${name} to be ${what}`, withinMs },
  );
}

export interface LiveEvent {
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly name: string };
  readonly series?: { readonly count: number };
}

/** Waits until an event of the namespace is so, and returns it. */
export function eventOf(lab: Lab, of: string, what: string, isIt: (event: LiveEvent) => boolean): Promise<LiveEvent> {
  return waitFor(
    async () => {
      const text = await lab.kubectl(['get', 'events.events.k8s.io', '-n', of, '-o', 'json']);
      return (JSON.parse(text) as { items: LiveEvent[] }).items.find(isIt);
    },
    { what, withinMs },
  );
}

/** What the server behind an address answered a client outside the cluster; undefined where nobody did. */
export async function curl(
  lab: Lab,
  address: string,
  port = 80,
): Promise<Readonly<Record<string, string>> | undefined> {
  const host = address.includes(':') ? `[${address}]` : address;
  const argv = ['curl', '--silent', '--show-error', '--max-time', '2', '--globoff', `http://${host}:${port}/`];
  const { code, stdout } = await lab.exec('client', argv);
  if (code !== 0) return undefined;
  return Object.fromEntries(
    stdout
      .trim()
      .split(' ')
      .map((pair) => pair.split('=') as [string, string]),
  );
}

/** Waits until somebody answers at the address. */
export function served(lab: Lab, address: string): Promise<Readonly<Record<string, string>>> {
  return waitFor(() => curl(lab, address), { what: `an answer from ${address}`, withinMs, everyMs: 100 });
}

/** The node whose hardware address the client outside has for this address; undefined where it has none. */
export async function answeringNode(lab: Lab, address: string): Promise<string | undefined> {
  const { stdout } = await lab.exec('client', ['ip', 'neigh', 'show', address]);
  const mac = /lladdr (\S+)/.exec(stdout)?.[1];
  return lab.plan.nodes.find((node) => node.mac === mac)?.name;
}

/** A pool that the namespace of its name alone draws from, and a served Service "web" there; its addresses, one of each family. */
export async function workload(lab: Lab, of: string, quarter: 0 | 1 | 2 | 3): Promise<string[]> {
  await lab.apply(...pool(lab, of, quarter, { autoAssign: false }), namespace(of, { 'berth.dev/pool': of }));
  await lab.apply(servers('web', of), service('web', of));
  return addresses(lab, of, 'web', 2);
}

/** Deletes namespaces, what else a test made, and then the pools of the same names, and waits until all are gone. */
export function removeWorkload(
  lab: Lab,
  of: readonly string[],
  besides: readonly (readonly string[])[] = [],
): Promise<void> {
  return remove(lab, [
    ['namespace', ...of],
    ...besides,
    ['ipaddresspool,l2advertisement', ...of, '-n', 'metallb-system'],
  ]);
}

/** What the metrics page of every node's speaker says, node by node. */
export function speakerMetrics(lab: Lab): Promise<readonly string[]> {
  return Promise.all(
    lab.plan.nodes.map(async ({ address }) => {
      const url = `http://${address.ipv4}:7472/metrics`;
      const { code, stdout, stderr } = await lab.exec('client', ['curl', '-sS', '--max-time', '10', url]);
      if (code !== 0) throw new Error(`Cannot read ${url}: ${stderr}`);
      return stdout;
    }),
  );
}

/** Deletes what a test made, in this order, and waits until it is gone. */
export async function remove(lab: Lab, objects: readonly (readonly string[])[]): Promise<void> {
  for (const object of objects) {
    await lab.kubectl(['delete', ...object, '--ignore-not-found', '--timeout=120s']);
  }
}

/** Waits until admission answers whichever replica is asked: one on a node that just booted counts as ready a while too early. */
export async function admissionAnswers(lab: Lab): Promise<void> {
  const trial = {
    apiVersion: 'berth.dev/v1alpha1',
    kind: 'AddressReservation',
    metadata: { name: 'trial', namespace: 'metallb-system' },
    spec: { addresses: ['192.0.2.255/32'], namespace: 'default' },
  };
  let inARow = 0;
  await waitFor(
    async () => {
      inARow = (await accepted(lab, ['apply', '--dry-run=server', '-f', '-'], JSON.stringify(trial))) ? inARow + 1 : 0;
      return inARow >= 10;
    },
    { what: 'every replica to answer admission', withinMs },
  );
}

/** Whether kubectl got through; what it said otherwise is the cluster's trouble of the moment. */
export async function accepted(lab: Lab, args: readonly string[], input = ''): Promise<boolean> {
  try {
    await lab.kubectl(args, { input });
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}
