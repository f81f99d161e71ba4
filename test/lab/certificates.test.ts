/** The webhook's certificate is kept by the controller: what spoils it is put right, and admission goes on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../lab/machine/wait.ts';
import { namespace, pool, removeWorkload, service, testLab, withinMs } from './cluster.ts';

const lab = testLab();
const of = 'certificates';
const secret = ['secret', 'berth-webhook-cert', '-n', 'metallb-system'];

before(() => lab.apply(...pool(lab, of, 1), namespace(of)));
after(() => removeWorkload(lab, [of]));

async function certificate(): Promise<string> {
  const { data } = JSON.parse(await lab.kubectl(['get', ...secret, '-o', 'json'])) as { data?: Record<string, string> };
  return data?.['tls.crt'] ?? '';
}

test('a spoilt certificate is made anew, and admission answers with it', async () => {
  const first = await certificate();
  assert.notEqual(first, '');
  const spoilt = Buffer.from('spoilt').toString('base64');
  await lab.kubectl(['patch', ...secret, '-p', JSON.stringify({ data: { 'tls.crt': spoilt } })]);
  await waitFor(
    async () => {
      const now = await certificate();
      return now !== spoilt && now !== first && now !== '';
    },
    { what: 'a new certificate in the Secret', withinMs },
  );
  // Refusing needs an answer from the webhook: without one the apiserver would take the Service.
  await waitFor(
    () =>
      lab.apply(service('outside', of, { ipFamilyPolicy: 'SingleStack', loadBalancerIP: '192.0.2.1' })).then(
        () => lab.kubectl(['delete', 'service', 'outside', '-n', of]).then(() => false),
        (error: Error) => error.message.includes('AddressOutsidePools'),
      ),
    { what: 'a refusal by the webhook with its new certificate', withinMs },
  );
});
