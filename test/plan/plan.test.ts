import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FORMATS, render } from '../../src/plan/format/render.ts';
import { findingsOf } from '../../src/plan/format/rows.ts';
import { parseState, renderState } from '../../src/plan/state-file.ts';
import { announced, planText, pool, service, serviceOf, stateOf } from './plan.ts';

const edge = pool('edge', '192.0.2.0/28') + announced;

function rules(report: ReturnType<typeof planText>): readonly string[] {
  return findingsOf(report).map(({ rule }) => rule);
}

describe('what becomes of a Service', () => {
  test('alone in its pool, its very address is foreseen', () => {
    const { services, verdict } = planText(edge + service('team-a/web'));
    assert.deepEqual(
      services.map(({ answer, pool: from, addresses }) => [answer, from, addresses]),
      [['allowed', 'edge', ['192.0.2.0']]],
    );
    assert.equal(verdict, 'fine');
  });

  test('of two that draw from one pool, the pool is sure and the address is not', () => {
    const { services } = planText(edge + service('team-a/web') + service('team-b/web'));
    for (const each of services) {
      assert.deepEqual([each.answer, each.pool, each.addresses], ['allowed', 'edge', []]);
      assert.match(each.because, /which one depends on the order of creation/);
    }
  });

  test('of many that draw from one pool with room for all, the pool is sure', () => {
    const many = Array.from({ length: 12 }, (_, index) => service(`team-a/web-${index}`)).join('');
    const { services } = planText(edge + many);
    assert.ok(services.every(({ answer, pool: from }) => answer === 'allowed' && from === 'edge'));
  });

  test('of many that draw from a pool that is too small, nobody is promised anything', () => {
    const many = Array.from({ length: 20 }, (_, index) => service(`team-a/web-${index}`)).join('');
    const { services } = planText(edge + many);
    assert.ok(services.every(({ answer }) => answer === 'unknown'));
  });

  test('an address above all that automatic ones can reach is sure, one among them is not', () => {
    const many = Array.from({ length: 6 }, (_, index) => service(`team-a/web-${index}`)).join('');
    const report = planText(
      edge + many + service('team-b/high', { ip: '192.0.2.14' }) + service('team-b/low', { ip: '192.0.2.2' }),
    );
    assert.deepEqual(serviceOf(report, 'team-b/high').addresses, ['192.0.2.14']);
    assert.equal(serviceOf(report, 'team-b/low').answer, 'unknown');
  });

  test('a refusal has the very message and the line of the field', () => {
    const report = planText(edge + service('team-a/web', { ip: '198.51.100.1' }));
    const { answer, message, at } = serviceOf(report, 'team-a/web');
    assert.equal(answer, 'refused');
    assert.match(message ?? '', /^AddressOutsidePools: Cannot assign address 198\.51\.100\.1: it lies in no pool/);
    assert.equal(at?.line, 16);
    assert.equal(report.verdict, 'refused');
  });

  test('one whose pool is nowhere waits, and is warned of', () => {
    const report = planText(edge + service('team-a/web', { annotations: 'metallb.io/address-pool: absent' }));
    assert.equal(serviceOf(report, 'team-a/web').answer, 'waits');
    assert.equal(report.verdict, 'fine');
    assert.ok(rules(report).includes('NoPool'));
  });

  test('a variable that only the cluster has makes it unknown', () => {
    const placeholder = '$' + '{LB_WEB}';
    const report = planText(edge + service('team-a/web', { ip: placeholder }));
    assert.equal(serviceOf(report, 'team-a/web').answer, 'unknown');
  });
});

describe('against what is there', () => {
  const there = edge + service('team-a/web') + service('team-a/db', { port: 443 });
  const before = stateOf(there, { 'team-a/web': '192.0.2.5', 'team-a/db': '192.0.2.6' });

  test('one that waits for a pool draws from it before its own change comes, which may be refused', () => {
    const waiting = 'metallb.io/address-pool: edge';
    const old = service('team-a/db', { annotations: waiting }) + service('team-a/web', { annotations: waiting });
    const changed = service('team-a/db', { ip: '198.51.100.1' }) + service('team-a/web', { annotations: waiting });
    const report = planText(edge + changed, { before: stateOf(old) });
    assert.equal(serviceOf(report, 'team-a/db').answer, 'refused');
    const { answer, pool: from, addresses } = serviceOf(report, 'team-a/web');
    assert.deepEqual([answer, from, addresses], ['allowed', 'edge', []]);
  });

  test('what runs keeps its address', () => {
    const { services, verdict } = planText(there, { before });
    assert.deepEqual(
      services.map(({ change, addresses }) => [change, addresses]),
      [
        ['unchanged', ['192.0.2.6']],
        ['unchanged', ['192.0.2.5']],
      ],
    );
    assert.equal(verdict, 'fine');
  });

  test('a pool that shrinks away from addresses in use is a destructive edit', () => {
    const smaller = there.replace('192.0.2.0/28', '192.0.2.0/30');
    const report = planText(smaller, { before });
    assert.equal(report.verdict, 'refused');
    assert.match(report.configuration[0]?.refusal ?? '', /^WouldDisrupt: .*team-a\/db 192\.0\.2\.6/);
    assert.deepEqual(serviceOf(report, 'team-a/web').addresses, ['192.0.2.5'], 'the refused edit changes nothing');
  });

  test('a pool that may disrupt takes addresses, and says whose', () => {
    const smaller = there
      .replace('192.0.2.0/28', '192.0.2.0/30')
      .replace(
        'namespace: metallb-system}',
        "namespace: metallb-system, annotations: {berth.dev/allow-disruption: 'true'}}",
      );
    const report = planText(smaller, { before });
    assert.deepEqual(serviceOf(report, 'team-a/web').loses, ['192.0.2.5']);
    assert.equal(report.verdict, 'refused');
  });

  test('one that takes over the address of one that goes is told of the trap', () => {
    const renamed = edge + service('team-a/web') + service('team-a/store', { ip: '192.0.2.6', port: 443 });
    const report = planText(renamed, { before, managed: 'everything' });
    assert.equal(serviceOf(report, 'team-a/store').answer, 'refused');
    assert.ok(rules(report).includes('order-trap'));
  });

  test('pools are counted before and after', () => {
    const { pools } = planText(there + service('team-a/third'), { before });
    assert.deepEqual([pools[0]?.before?.used, pools[0]?.after?.used, pools[0]?.after?.total], ['2', '3', '16']);
  });

  test('the state file says the same as the cluster', () => {
    const text = renderState(before);
    assert.deepEqual(planText(there, { before: parseState(text, 'state.yaml') }), planText(there, { before }));
    assert.equal(renderState(parseState(text, 'state.yaml')), text);
  });
});

describe('advice', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a pool that nobody announces', pool('edge', '192.0.2.0/28'), 'pool-without-advertisement'],
    [
      'an advertisement without a peer',
      `${pool('edge', '192.0.2.0/28')}apiVersion: metallb.io/v1beta1\nkind: BGPAdvertisement\nmetadata: {name: all, namespace: metallb-system}\n`,
      'advertisement-without-peer',
    ],
    ['one address that is given automatically', pool('edge', '192.0.2.1/32') + announced, 'one-address-pool'],
    [
      'an address asked for by name in an automatic pool',
      edge + service('a/b', { ip: '192.0.2.9' }),
      'pin-in-automatic-pool',
    ],
    ['an object written twice', edge + service('a/b') + service('a/b'), 'duplicate-object'],
    [
      'an annotation that is no text',
      edge + service('a/b', { annotations: 'metallb.io/allow-shared-ip: true' }),
      'malformed-object',
    ],
  ];
  for (const [name, text, rule] of rows) {
    test(name, () => assert.ok(rules(planText(text)).includes(rule), rules(planText(text)).join()));
  }
});

describe('wishes in values', () => {
  const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: team-a}
spec:
  values:
    controller:
      service:
        type: LoadBalancer
        loadBalancerIP: 198.51.100.7
        annotations:
          metallb.io/allow-shared-ip: web
    plain: {service: {type: ClusterIP}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: out, namespace: team-a}
spec:
  addresses: [{type: IPAddress, value: 192.0.2.3}]
---
`;
  test('each is found with its path, and checked without inventing anything', () => {
    const { wishes } = planText(edge + release);
    assert.deepEqual(
      wishes.map(({ in: carrier, path, addresses, sharingKey, answer }) => [
        carrier,
        path,
        addresses,
        sharingKey,
        answer,
      ]),
      [
        ['HelmRelease team-a/web', 'spec.values.controller.service', ['198.51.100.7'], 'web', 'refused'],
        ['Gateway team-a/out', 'spec', ['192.0.2.3'], undefined, 'allowed'],
      ],
    );
  });
});

test('beside a wish that may draw from the same pool, no automatic address is promised', () => {
  const release =
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: dns, namespace: team-a}\nspec: {values: {service: {loadBalancerIP: 192.0.2.0}}}\n---\n';
  const { answer, pool: from, addresses } = serviceOf(planText(edge + service('team-a/web') + release), 'team-a/web');
  assert.deepEqual([answer, from, addresses], ['allowed', 'edge', []]);
});

test('every form says the same whatever the order of the objects', () => {
  const objects = [
    pool('edge', '192.0.2.0/28'),
    announced,
    service('team-a/web'),
    service('team-b/web', { ip: '198.51.100.1' }),
    service('team-b/db', { ip: '192.0.2.9' }),
  ];
  for (const format of FORMATS) {
    const lines = (text: string): string =>
      text.replaceAll(
        /all\.yaml[:",]*(?: ?"?(?:line|col|startLine|startColumn)"?[=:] ?)?\d*|"(?:line|column|startLine|startColumn)": \d+|(?:line|col)=\d+/g,
        '',
      );
    const [one, other] = [objects.join(''), [...objects].reverse().join('')].map((text) =>
      render(planText(text), format),
    );
    assert.equal(
      lines(one ?? '')
        .split('\n')
        .sort()
        .join('\n'),
      lines(other ?? '')
        .split('\n')
        .sort()
        .join('\n'),
      format,
    );
    assert.equal(render(planText(objects.join('')), format), one, `${format} is the same twice`);
  }
});
