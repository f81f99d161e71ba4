/** Quota and hold-down of an AddressPolicy, seen by the author of a Service. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../lab/machine/wait.ts';
import { addresses, namespace, pool, refusal, removeWorkload, service, testLab, withinMs } from './cluster.ts';

const lab = testLab();
const of = 'policy';

before(async () => {
  await lab.apply(...pool(lab, of, 2), namespace(of), {
    apiVersion: 'berth.dev/v1alpha1',
    kind: 'AddressPolicy',
    metadata: { name: of, namespace: 'metallb-system' },
    spec: { match: { namespaces: [of] }, pools: [of], quota: { services: 2 }, releaseDelay: '20s' },
  });
});
after(() =>
  removeWorkload(
    lab,
    [of],
    [
      ['addresspolicy', of, '-n', 'metallb-system'],
      ['addressreservation', '--all', '-n', 'metallb-system'],
    ],
  ),
);

async function reservations(): Promise<number> {
  const { items } = JSON.parse(await lab.kubectl(['get', 'addressreservations', '-n', 'metallb-system', '-o', 'json']));
  return items.length;
}

test('a re-created Service gets its address back, which was held meanwhile', async () => {
  await lab.apply(service('web', of));
  const first = await addresses(lab, of, 'web', 2);
  await lab.kubectl(['delete', 'service', 'web', '-n', of]);
  await waitFor(async () => (await reservations()) > 0, { what: 'a reservation that holds the address', withinMs });
  await lab.apply(service('other', of));
  const other = await addresses(lab, of, 'other', 2);
  assert.deepEqual(
    other.filter((address) => first.includes(address)),
    [],
    'somebody else got a held address',
  );
  await lab.apply(service('web', of));
  assert.deepEqual(await addresses(lab, of, 'web', 2), first);
});

test('one Service above the quota is refused with the numbers', async () => {
  const said = await refusal(lab, service('third', of));
  assert.match(said, /QuotaExceeded/);
  assert.match(said, /2 of 2/);
});

test('a hold-down ends by itself', async () => {
  await lab.kubectl(['delete', 'service', 'web', 'other', '-n', of]);
  await waitFor(async () => (await reservations()) === 0, { what: 'the end of every hold-down', withinMs });
});
