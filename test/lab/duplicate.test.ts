/** Another host on the wire has an address of ours: it is found and named, and what follows is as the pool says. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readAnswers } from '../../lab/hurt/answers.ts';
import { startCapture } from '../../lab/hurt/capture.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import {
  addresses,
  addressesAt,
  addressesOf,
  announcedOf,
  curl,
  eventOf,
  namespace,
  pool,
  readService,
  removeWorkload,
  served,
  servers,
  service,
  speakerMetrics,
  testLab,
  withinMs,
} from './cluster.ts';
import { Stranger } from './stranger.ts';

const lab = testLab();
const of = 'duplicate';
/** Namespace and pool whose Services move. */
const moving = 'moving';
/** What the Service asks for, so that it gets exactly these. */
const asked = addressesAt(lab, 2, 5);
const wish = { 'metallb.io/loadBalancerIPs': asked.join() };
const folder = mkdtempSync(join(tmpdir(), 'berth-duplicate-'));

before(async () => {
  const settings = { autoAssign: false };
  await lab.apply(
    ...pool(lab, of, 2, settings),
    ...pool(lab, moving, 3, settings, { 'berth.dev/on-conflict': 'Move' }),
    ...[of, moving].map((name) => namespace(name, { 'berth.dev/pool': name })),
  );
  await lab.apply(servers('web', of), servers('web', moving));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  const kept = (await setAside()).map(({ metadata }) => ['addressreservation', metadata.name, '-n', 'metallb-system']);
  await removeWorkload(lab, [of, moving], kept);
});

interface Reservation {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly addresses: readonly string[]; readonly namespace: string; readonly contestedBy?: string };
}

/** What is kept from everybody because of a stranger. */
async function setAside(): Promise<readonly Reservation[]> {
  const text = await lab.kubectl(['get', 'addressreservations', '-n', 'metallb-system', '-o', 'json']);
  const { items } = JSON.parse(text) as { items: Reservation[] };
  return items.filter(({ spec }) => spec.namespace === moving && spec.contestedBy !== undefined);
}

/** Waits until the Service names the stranger for both addresses, in these words. */
function named(mac: string, what: string): Promise<unknown> {
  return announcedOf(
    lab,
    of,
    'web',
    `in conflict over both addresses: ${what}`,
    ({ reason, message }) =>
      reason === 'Conflict' &&
      asked.every((address) =>
        new RegExp(`${address} is claimed by another host, ${mac} on eth0 of node "[^"]+"; ${what}`).test(message),
      ),
  );
}

/** Claims of strangers for an address that all speakers together have counted. */
async function conflictsCounted(address: string): Promise<number> {
  let total = 0;
  for (const page of await speakerMetrics(lab)) {
    const lines = page.split('\n').filter((line) => line.startsWith('berth_layer2_conflicts_total{'));
    for (const line of lines) if (line.includes(`ip="${address}"`)) total += Number(line.split(' ').at(-1));
  }
  return total;
}

test('a duplicate is found before a word is said for the address, and named', async () => {
  await using stranger = await Stranger.with(lab, asked);
  const capture = await startCapture(lab, 'lan', join(folder, 'planted.pcap'), ['arp or icmp6']);
  try {
    await lab.apply(service('web', of, {}, wish));
    assert.deepEqual([...(await addresses(lab, of, 'web', 2))].sort(), [...asked].sort());
    await named(stranger.mac, 'the node gives way and asks again every minute');
    for (const address of asked) {
      assert.equal(await curl(lab, address), undefined, `the server is reached through ${address}`);
      assert.ok((await conflictsCounted(address)) > 0, `no speaker counts the conflict over ${address}`);
      await eventOf(
        lab,
        of,
        `an event that names the stranger at ${address}`,
        ({ reason, regarding, note }) =>
          reason === 'AddressConflict' &&
          regarding.name === 'web' &&
          note.startsWith(
            `${address} is claimed by another host with hardware address ${stranger.mac} on interface eth0`,
          ),
      );
    }
  } finally {
    await capture.stop();
  }
  for (const address of asked) {
    const said = readAnswers(readFileSync(capture.file)).filter((each) => each.address === address);
    assert.deepEqual([...new Set(said.map(({ mac }) => mac))], [stranger.mac], `who answered for ${address}`);
  }
});

test('where the pool says Move the Service gets other addresses, and nobody else gets those', async () => {
  const first = addressesAt(lab, 3, 0);
  await using stranger = await Stranger.with(lab, first);
  await lab.apply(service('web', moving));
  const found = await waitFor(
    async () => {
      const given = addressesOf(await readService(lab, moving, 'web'));
      return given.length === 2 && !given.some((each) => first.includes(each)) && given;
    },
    { what: 'other addresses than those of the stranger', withinMs },
  );
  for (const address of found) assert.match((await served(lab, address)).pod ?? '', /^web-/);
  await announcedOf(lab, moving, 'web', 'True', ({ status, reason }) => status === 'True' && reason === 'Announced');
  for (const address of first) {
    await eventOf(
      lab,
      moving,
      `an event that says why ${address} was replaced`,
      ({ reason, note }) =>
        reason === 'IPReplaced' && note.includes(address) && note.includes(`another host, ${stranger.mac}`),
    );
  }
  const kept = await setAside();
  assert.deepEqual(kept.flatMap(({ spec }) => spec.addresses).sort(), [...first].sort());
  assert.ok(kept.every(({ spec }) => spec.contestedBy === stranger.mac));
  await lab.apply(service('next', moving));
  const next = await addresses(lab, moving, 'next', 2);
  assert.ok(!next.some((each) => first.includes(each)), next.join());
});

test('once the stranger is gone the addresses come into service', async () => {
  for (const address of asked) assert.match((await served(lab, address)).pod ?? '', /^web-/);
  await announcedOf(lab, of, 'web', 'True', ({ status, reason }) => status === 'True' && reason === 'Announced');
});

for (const [answer, words] of [
  ['Defend', 'node "[^"]+" defends it'],
  ['Yield', 'the node gives way and asks again every minute'],
] as const) {
  test(`a stranger that comes to announced addresses is named, and the answer is to ${answer.toLowerCase()}`, async () => {
    const kind = ['ipaddresspool', of, '-n', 'metallb-system', '--overwrite'];
    await lab.kubectl(['annotate', ...kind, `berth.dev/on-conflict=${answer}`]);
    await using stranger = await Stranger.with(lab, asked);
    // Until every speaker has read the annotation, the answer is the one of before.
    const speaking = setInterval(() => stranger.speak(), 200);
    try {
      await named(stranger.mac, words);
    } finally {
      clearInterval(speaking);
    }
  });
}
