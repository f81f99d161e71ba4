/** An AddressReservation keeps its address, says that it does, and is named to whoever asks for the address. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../lab/machine/wait.ts';
import { addresses, eventOf, namespace, pool, refusal, removeWorkload, service, testLab, withinMs } from './cluster.ts';

const lab = testLab();
const of = 'reservation';
const reserved = lab.plan.loadBalancers.ipv4.replace(/0\/\d+$/, '5');
const single = { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'] };

before(async () => {
  await lab.apply(...pool(lab, of, 0), namespace(of), namespace(`${of}-owner`), {
    apiVersion: 'berth.dev/v1alpha1',
    kind: 'AddressReservation',
    metadata: { name: of, namespace: 'metallb-system' },
    spec: { addresses: [`${reserved}/32`], namespace: `${of}-owner`, service: 'web' },
  });
});
after(() => removeWorkload(lab, [of, `${of}-owner`], [['addressreservation', of, '-n', 'metallb-system']]));

test('the reservation says that it is in force', async () => {
  const path = '{.status.conditions[?(@.type=="Ready")].status}';
  await waitFor(
    async () => {
      const args = ['get', 'addressreservation', of, '-n', 'metallb-system', '-o', `jsonpath=${path}`];
      return (await lab.kubectl(args)) === 'True';
    },
    { what: 'condition Ready of the reservation', withinMs },
  );
});

test('another Service that asks for the address is refused', async () => {
  const said = await refusal(lab, service('thief', of, { ...single, loadBalancerIP: reserved }));
  assert.match(said, /AddressReserved/);
  assert.ok(said.includes(reserved));
});

test('the Service that it is kept for gets it, and gets it again with the same event', async () => {
  const owner = `${of}-owner`;
  await lab.apply(service('web', owner, single));
  assert.deepEqual(await addresses(lab, owner, 'web', 1), [reserved]);
  for (const type of ['ClusterIP', 'LoadBalancer']) {
    await lab.kubectl(['patch', 'service', 'web', '-n', owner, '-p', JSON.stringify({ spec: { type } })]);
    const expected = type === 'LoadBalancer' ? [reserved] : [];
    assert.deepEqual(await addresses(lab, owner, 'web', expected.length), expected);
  }
  const twice = (series?: { count: number }) => (series?.count ?? 0) >= 2;
  await eventOf(
    lab,
    owner,
    'one event that was told twice',
    ({ reason, series }) => reason === 'IPAllocated' && twice(series),
  );
});
