import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startApiserver, stopApiserver } from '../../lab/hurt/apiserver.ts';
import { startCapture } from '../../lab/hurt/capture.ts';
import { type ConnectClient, startConnectClient } from '../../lab/hurt/connect-client.ts';
import { cutLink, healLink } from '../../lab/hurt/link.ts';
import { dropPackets } from '../../lab/hurt/loss.ts';
import { type ConnectOutcome, monotonicMs } from '../../lab/hurt/outcomes.ts';
import { powerOffNode, powerOnNode } from '../../lab/hurt/power.ts';
import { killProcess, pauseProcess, resumeProcess } from '../../lab/hurt/process.ts';
import { relayPackets } from '../../lab/hurt/relay.ts';
import { processesOf } from '../../lab/hurt/target.ts';
import { run } from '../../lab/machine/run.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { admissionAnswers, testLab } from './cluster.ts';
import { daemonSet, deployment } from './hurt-workloads.ts';

const port = 8080;
const patience = { withinMs: 120_000, everyMs: 200 };

describe('a real cluster, and the ways to hurt it', () => {
  const lab = testLab();
  const workloads = [daemonSet('on-every-node', port), ...deployment('web', 3, port)];
  before(async () => {
    await lab.apply(...workloads);
    await lab.kubectl(['rollout', 'status', 'daemonset/on-every-node', '--timeout=180s']);
    await lab.kubectl(['rollout', 'status', 'deployment/web', '--timeout=180s']);
  });
  after(async () => {
    await lab.kubectl(['delete', 'daemonset/on-every-node', 'deployment/web', 'service/web']);
    await admissionAnswers(lab);
  });

  const node = (of: string) => lab.kubectl(['get', 'node', of, '-o', 'json']).then(JSON.parse);

  test('nodes have addresses and pod prefixes of both families', async () => {
    const { spec, status } = await node('node-1');
    const { address, pods } = lab.node('node-1');
    assert.deepEqual(spec.podCIDRs, [pods.ipv4, pods.ipv6]);
    const internal = status.addresses.filter(({ type }: { type: string }) => type === 'InternalIP');
    assert.deepEqual(
      internal.map((one: { address: string }) => one.address),
      [address.ipv4, address.ipv6],
    );
  });

  test('a client outside reaches the pods of other nodes through any node, over both families', async () => {
    const service = JSON.parse(await lab.kubectl(['get', 'service', 'web', '-o', 'json']));
    const { nodePort } = service.spec.ports[0];
    const { ipv4, ipv6 } = lab.node('node-1').address;
    for (const host of [ipv4, `[${ipv6}]`]) {
      const answering = new Set<string>();
      await waitFor(
        async () => {
          const url = `http://${host}:${nodePort}/`;
          const { stdout } = await lab.exec('client', ['curl', '-s', '-m', '5', '-g', url]);
          answering.add(/node=(\S+)/.exec(stdout)?.[1] ?? '');
          return answering.has('node-1') && answering.has('node-2');
        },
        { what: `answers of both nodes at ${host}`, ...patience },
      );
    }
  });

  test('logs and exec go through the apiserver to the kubelet', async () => {
    assert.match(await lab.kubectl(['logs', 'daemonset/on-every-node']), /server: TCP and UDP port 8080/);
    await assert.rejects(
      lab.kubectl(['exec', 'deployment/web', '--', '/server', 'no-port']),
      /cannot listen on port "no-port"/,
    );
  });

  test('a cable that is cut carries nothing until it is healed', async () => {
    await withClient('node-1', async (client) => {
      await cutLink(lab, 'node-1');
      const from = monotonicMs();
      await failure(client, from);
      assert.ok(client.record().every((one) => one.at < from || one.outcome !== 'ok'));
      await healLink(lab, 'node-1');
      await client.success();
    });
  });

  test('lost packets are those asked for: in the direction and of the sort', async () => {
    const { ipv4, ipv6 } = lab.node('node-1').address;
    await dropPackets(lab, 'node-1', { percent: 100, direction: 'to', matching: 'ether type ip6' });
    const curl = (host: string) => lab.exec('client', ['curl', '-s', '-m', '2', '-g', `http://${host}:${port}/`]);
    assert.match((await curl(ipv4)).stdout, /node=node-1/);
    assert.notEqual((await curl(`[${ipv6}]`)).code, 0);
    await healLink(lab, 'node-1');
    assert.match((await curl(`[${ipv6}]`)).stdout, /node=node-1/);
  });

  test('a relay delays each packet and sends it twice, and a capture shows it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-capture-'));
    try {
      await relayPackets(lab, 'node-1', { delayMs: 100, duplicatePercent: 100 });
      const capture = await startCapture(lab, 'node-1', join(folder, 'twice.pcap'), ['tcp[tcpflags] == tcp-syn']);
      await withClient('node-1', async (client) => {
        const { at, tookMs } = await client.success();
        // One way and back for the connection, and once more for the request; never less, however busy the machine.
        assert.ok(tookMs >= 400, `the attempt at ${at} took ${tookMs} ms`);
      });
      await capture.stop();
      const frames = (await run(['tcpdump', '-nr', capture.file])).split('\n').filter(Boolean);
      const syns = frames.map((line) => /\.(\d+) > .* seq (\d+)/.exec(line)?.slice(1).join(' '));
      assert.ok(
        syns.some((syn, i) => syns.indexOf(syn) !== i),
        frames.join('\n'),
      );
      await healLink(lab, 'node-1');
      await withClient('node-1', (client) => client.success());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a node that is off is gone, and boots with the same disk', async () => {
    const bootId = (await node('node-2')).status.nodeInfo.bootID;
    assert.equal(await powerOffNode(lab, 'node-2'), true);
    assert.equal(await powerOffNode(lab, 'node-2'), false);
    assert.equal(existsSync(`/run/netns/${lab.node('node-2').namespace}`), false);
    await assert.rejects(processesOf(lab, 'node-2/kubelet'), /isn't running/);
    await assert.rejects(cutLink(lab, 'node-2'), /the node is off; switch it on with bin\/lab on node-2/);
    await withClient('node-2', async (client) => {
      await failure(client, monotonicMs());
      assert.equal(await powerOnNode(lab, 'node-2'), true);
      assert.equal(await powerOnNode(lab, 'node-2'), false);
      await client.success({ withinMs: 180_000 });
    });
    await waitFor(async () => (await node('node-2')).status.nodeInfo.bootID !== bootId, {
      what: 'the kubelet to report another boot',
      ...patience,
    });
    await lab.kubectl(['wait', '--for=condition=Ready', 'node/node-2', '--timeout=120s']);
  });

  test('a paused pod answers nothing, and goes on where it was', async () => {
    const pod = await podOn('node-1');
    await withClient('node-1', async (client) => {
      await pauseProcess(lab, `pod/default/${pod}`);
      await failure(client, monotonicMs());
      await resumeProcess(lab, `pod/default/${pod}`);
      await client.success();
    });
  });

  test('a killed pod is started again by its kubelet, a killed kubelet by its node', async () => {
    const pod = await podOn('node-1');
    const [kubelet] = await processesOf(lab, 'node-1/kubelet');
    await killProcess(lab, 'node-1/kubelet');
    await killProcess(lab, `pod/default/${pod}`);
    await waitFor(
      async () => {
        const { status } = JSON.parse(await lab.kubectl(['get', 'pod', pod, '-o', 'json']));
        return status.containerStatuses[0].restartCount > 0 && status.containerStatuses[0].ready;
      },
      { what: 'the pod to run again', ...patience },
    );
    const [again] = await processesOf(lab, 'node-1/kubelet');
    assert.notEqual(again?.pid, kubelet?.pid);
  });

  test('without an apiserver, pods go on serving; it comes back with its data', async () => {
    assert.equal(await stopApiserver(lab), true);
    assert.equal(await stopApiserver(lab), false);
    await assert.rejects(lab.kubectl(['get', 'nodes']), /refused/);
    await withClient('node-1', (client) => client.success());
    assert.equal(await startApiserver(lab), true);
    assert.equal(await startApiserver(lab), false);
    assert.match(await lab.kubectl(['get', 'deployment', 'web']), /web/);
  });

  test("what doesn't exist is refused with the names that do", async () => {
    await assert.rejects(cutLink(lab, 'node-9'), /"node-9".*use one of client, router, node-1, node-2, node-3/);
    await assert.rejects(powerOffNode(lab, 'client'), /Cannot find node "client".*use one of node-1, node-2, node-3/);
    await assert.rejects(killProcess(lab, 'bind'), /Cannot tell what "bind" is: use etcd/);
    await assert.rejects(killProcess(lab, 'node-1/bind'), /Cannot tell what "node-1\/bind" is/);
    await assert.rejects(killProcess(lab, 'pod/default/none'), /pods "none" not found/);
    await assert.rejects(dropPackets(lab, 'node-1', { percent: 0 }), /Cannot drop 0 % of packets: use a number from 1/);
    await assert.rejects(relayPackets(lab, 'node-1', { delayMs: -1 }), /Cannot use -1 as delay: use 0 to 60000/);
  });

  /** Runs `body` with a client that connects to a node all the time, and did so with success once. */
  async function withClient<T>(nodeName: string, body: (client: ConnectClient) => Promise<T>): Promise<void> {
    const address = lab.node(nodeName).address.ipv4;
    const client = await startConnectClient(lab, { address, port, everyMs: 20 });
    try {
      await body(client);
    } finally {
      await client.stop();
    }
  }

  /** Waits for an attempt that began after this time and failed. */
  function failure(client: ConnectClient, from: number): Promise<ConnectOutcome> {
    return waitFor(() => client.record().find((one) => one.at >= from && one.outcome !== 'ok'), {
      what: 'a failed attempt',
      ...patience,
    });
  }

  async function podOn(nodeName: string): Promise<string> {
    const selector = ['-l', 'app=on-every-node', '--field-selector', `spec.nodeName=${nodeName}`];
    const said = await lab.kubectl(['get', 'pods', ...selector, '-o', 'jsonpath={.items[0].metadata.name}']);
    return said.trim();
  }
});
