import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { address } from '../../../test/support/ledger.ts';
import { type ServiceSpec, service, type WorldSpec, worldOf } from '../../../test/support/world.ts';
import type { Problem } from '../config/problem.ts';
import { decide } from '../policy/decide.ts';
import type { Refused } from '../policy/decision.ts';
import { configurationRefusal, disruptionRefusal, serviceRefusal } from './admission-message.ts';

function refused(spec: ServiceSpec, world: WorldSpec): Refused {
  const decision = decide(service(spec), worldOf(world));
  assert.ok(decision.kind === 'refused');
  return decision;
}

describe('a refusal at admission', () => {
  const full: WorldSpec = {
    pools: { a: '10.0.0.0/32', b: '10.1.0.0/32' },
    services: [
      { key: 'x/one', status: ['10.0.0.0'] },
      { key: 'x/two', status: ['10.1.0.0'] },
    ],
  };

  test('is 403 Forbidden, the one answer that kubectl and Flux show whole', () => {
    const { code, reason } = serviceRefusal(refused({ key: 'team-a/web' }, full));
    assert.deepEqual([code, reason], [403, 'Forbidden']);
  });

  test('begins with the word that scripts look for, and its first line is enough', () => {
    const [first, ...others] = serviceRefusal(refused({ key: 'team-a/web' }, full)).message.split('\n');
    assert.equal(
      first,
      'OutOfIPs: Cannot assign any of 2 pools: "a" has 0 of 1 IPv4 addresses free and "b" has 0 of 1 IPv4 addresses free; ' +
        'release an address, or have a pool enlarged',
    );
    assert.deepEqual(others, ['- pool "a": 0 of 1 IPv4 addresses free', '- pool "b": 0 of 1 IPv4 addresses free']);
  });

  test('names the field of every fault in its causes', () => {
    const annotations = { 'metallb.io/loadBalancerIPs': 'x, y', 'metallb.io/address-pool': 'no name!' };
    const { causes } = serviceRefusal(refused({ key: 'team-a/web', annotations }, full));
    assert.deepEqual(
      causes.map(({ field }) => field),
      [
        'metadata.annotations[metallb.io/loadBalancerIPs]',
        'metadata.annotations[metallb.io/loadBalancerIPs]',
        'metadata.annotations[metallb.io/address-pool]',
      ],
    );
  });

  test('of text from strangers holds no control characters and stays short', () => {
    const annotations = { 'metallb.io/loadBalancerIPs': `\u001b[31m${'x'.repeat(100_000)}\nInjected: line` };
    const { message } = serviceRefusal(refused({ key: 'team-a/web', annotations }, full));
    assert.ok(message.length < 1000, String(message.length));
    assert.doesNotMatch(message, /\p{Cc}/u);
    assert.equal(message.split('\n').length, 1);
  });

  test('of configuration tells errors and leaves warnings out', () => {
    const problem = (severity: Problem['severity'], path: string): Problem => ({
      severity,
      path,
      value: 'x',
      message: 'is wrong',
      remedy: 'write y',
    });
    const { message, causes } = configurationRefusal('BGPPeer', 'tor', [
      problem('warning', 'spec.a'),
      problem('error', 'spec.b'),
    ]);
    assert.equal(message, 'InvalidConfiguration: Cannot take BGPPeer "tor": spec.b "x" is wrong; write y');
    assert.deepEqual(
      causes.map(({ field }) => field),
      ['spec.b'],
    );
  });

  test('of a disruptive change lists at most twenty Services and counts all', () => {
    const losses = Array.from({ length: 25 }, (_, n) => ({
      service: `team-a/s${String(n).padStart(2, '0')}`,
      address: address(`10.0.0.${n}`),
      pool: 'edge',
    }));
    const lines = disruptionRefusal('IPAddressPool', 'edge', 'delete', losses).message.split('\n');
    assert.ok(lines[0]?.includes('25 Services would lose their address'));
    assert.equal(lines.length, 22);
    assert.equal(lines[21], '- and 5 more');
  });
});
