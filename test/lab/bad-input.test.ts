/** What can't work is refused with what to do, as kubectl prints it; nothing else stops working. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  addresses,
  addressesOf,
  namespace,
  pool,
  readService,
  refusal,
  remove,
  removeWorkload,
  service,
  testLab,
} from './cluster.ts';

const lab = testLab();
const of = 'bad-input';

before(async () => {
  await lab.apply(...pool(lab, of, 2), namespace(of));
  await lab.apply(service('good', of));
  await addresses(lab, of, 'good', 2);
});
after(() => removeWorkload(lab, [of]));

test('an address outside every pool is refused with the nearest range', async () => {
  const said = await refusal(
    lab,
    service('outside', of, { ipFamilyPolicy: 'SingleStack', loadBalancerIP: '192.0.2.1' }),
  );
  assert.match(said, /Forbidden/);
  assert.match(said, /192\.0\.2\.1/);
  assert.match(said, /nearest range/);
});

test('a malformed annotation is refused with its name and value', async () => {
  const said = await refusal(lab, service('malformed', of, {}, { 'metallb.io/loadBalancerIPs': '300.1.2.3' }));
  assert.match(said, /metallb\.io\/loadBalancerIPs/);
  assert.match(said, /300\.1\.2\.3/);
});

test('a pool of another namespace is refused by name', async () => {
  await lab.apply({
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'others', namespace: 'metallb-system' },
    spec: { addresses: ['192.0.2.64/28'], serviceAllocation: { namespaces: ['somebody-else'] } },
  });
  const said = await refusal(lab, service('foreign', of, {}, { 'metallb.io/address-pool': 'others' }));
  assert.match(said, /"others"/);
  await remove(lab, [['ipaddresspool', 'others', '-n', 'metallb-system']]);
});

test('a pool that does not exist is admitted with a warning and waits in sight', async () => {
  await lab.apply(service('waits', of, {}, { 'metallb.io/address-pool': 'not-there-yet' }));
  const { status } = await readService(lab, of, 'waits');
  assert.deepEqual(status?.loadBalancer?.ingress ?? [], []);
});

test('a malformed pool is refused with its field and value', async () => {
  const said = await refusal(lab, {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'malformed', namespace: 'metallb-system' },
    spec: { addresses: ['192.0.2.10-192.0.2.1'] },
  });
  assert.match(said, /spec\.addresses\[0\]/);
  assert.match(said, /192\.0\.2\.10-192\.0\.2\.1/);
});

test('a Service beside all of that keeps its addresses, and a new one is served', async () => {
  assert.equal(addressesOf(await readService(lab, of, 'good')).length, 2);
  await lab.apply(service('after', of));
  assert.equal((await addresses(lab, of, 'after', 2)).length, 2);
});
