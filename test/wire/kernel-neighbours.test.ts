/** What the kernel of a client makes of our answers: its own neighbour table is the judge. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { readSighting } from '../../src/core/l2/sighting.ts';
import { planned } from './ground.ts';
import { ip, macOf } from './namespaces.ts';
import { realGround, until } from './real-ground.ts';

interface Neighbour {
  readonly dst: string;
  readonly lladdr?: string;
  readonly state: readonly string[];
}

function neighbour(namespace: string, address: string): Neighbour | undefined {
  const table = JSON.parse(ip('-n', namespace, '-json', 'neighbour', 'show', 'dev', 'eth0')) as Neighbour[];
  return table.find((each) => each.dst === address);
}

/** Sends one datagram, so that the kernel has to find out where the address is. */
function knock(namespace: string, address: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'bash', '-c', `echo > /dev/udp/${address}/9`]);
}

for (const address of ['192.0.2.10', '2001:db8::10']) {
  test(`a kernel that has to reach ${address} learns the node’s hardware address`, { timeout: 120_000 }, async () => {
    await using ground = await realGround();
    await ground.plan({ set: [planned(address)] });
    knock(ground.client, address);
    const found = await until('the neighbour in the kernel’s table', () => {
      const entry = neighbour(ground.client, address);
      return entry?.lladdr === undefined ? undefined : entry;
    });
    assert.equal(found.lladdr, macOf(ground.node));
    assert.equal(ip('-n', ground.node, 'address', 'show').includes(`${address}/`), false, 'never on an interface');
  });

  test(`a kernel that knows ${address} elsewhere is put right by the announcements alone`, {
    timeout: 120_000,
  }, async () => {
    await using ground = await realGround();
    ip(
      '-n',
      ground.client,
      'neighbour',
      'replace',
      address,
      'lladdr',
      '02:00:00:00:00:ee',
      'nud',
      'stale',
      'dev',
      'eth0',
    );
    await ground.plan({ set: [planned(address)] });
    await until('the new hardware address in the kernel’s table', () => {
      return neighbour(ground.client, address)?.lladdr === macOf(ground.node);
    });
  });
}

test('an IPv6 host that configures the address itself learns that it is taken', { timeout: 120_000 }, async () => {
  await using ground = await realGround();
  await ground.plan({ set: [planned('2001:db8::10')] });
  ip('-n', ground.client, 'address', 'add', '2001:db8::10/64', 'dev', 'eth0');
  await until('the kernel’s duplicate address detection to fail', () =>
    ip('-n', ground.client, 'address', 'show', 'dev', 'eth0').includes('dadfailed'),
  );
});

/** Frames that say that 192.0.2.10 is somewhere: a gratuitous request and a reply each time. */
function announcements(frames: readonly Uint8Array[]): number {
  return frames.filter((frame) => {
    const sighting = readSighting(frame);
    return sighting.ok && sighting.value.claim?.address.value === 0xc000020an;
  }).length;
}

test('a cable that comes back is announced on again', { timeout: 120_000 }, async () => {
  await using ground = await realGround();
  await ground.plan({ set: [planned('192.0.2.10')] });
  await ground.station.hear('the announcements of a new owner', () => announcements(ground.station.heard) === 8);
  ground.lan.setCable('node', 'down');
  await ground.report('silence', (each) => each.kind === 'silent' && each.reason === 'LinkDown');
  ground.lan.setCable('node', 'up');
  const isBack = () => ground.reports.at(-1)?.kind === 'announcing';
  await ground.station.hear('an announcement after the report', isBack);
  await ground.station.hear('as many announcements more', () => announcements(ground.station.heard) >= 16);
});
