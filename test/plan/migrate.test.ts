import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../src/core/api/kubernetes.ts';
import { buildConfiguration } from '../../src/core/config/build.ts';
import { configurationOf } from '../../src/plan/cluster-state.ts';
import { type Migration, migrationOf, renderMigration } from '../../src/plan/migrate/migration.ts';
import { contentOf } from '../../src/plan/read/files.ts';
import { NOW, pool, service, stateOf } from './plan.ts';

const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: metallb-system}
data:
  config: |
    address-pools:
      - name: lan
        protocol: layer2
        addresses: [192.0.2.0/28]
        auto-assign: false
      - name: wan
        protocol: bgp
        addresses: [198.51.100.0/28]
        bgp-advertisements:
          - aggregation-length: 32
            localpref: 100
            communities: [mine]
    bgp-communities: {mine: "64512:1"}
    peers:
      - peer-address: 203.0.113.1
        peer-asn: 64501
        my-asn: 64500
        node-selectors: [{match-labels: {rack: a}}]
`;

function migrate(text: string, state?: Parameters<typeof migrationOf>[1]): Migration {
  return migrationOf(contentOf('install.yaml', text), state, NOW);
}

describe('the older forms of MetalLB', () => {
  test('a ConfigMap becomes objects that are valid and say the same', () => {
    const { objects, changes } = migrate(configMap);
    const kinds = objects.map(({ kind, metadata }) => `${String(kind)} ${(metadata as { name: string }).name}`);
    assert.deepEqual(kinds, [
      'IPAddressPool lan',
      'L2Advertisement lan',
      'IPAddressPool wan',
      'BGPAdvertisement wan',
      'BGPPeer peer1',
      'Community communities',
    ]);
    const { pools, bgpPeers, bgpAdvertisements, problems } = buildConfiguration(
      configurationOf(objects as unknown as KubeObject[]),
    );
    assert.equal(pools.get('lan')?.autoAssign, false);
    assert.equal(bgpPeers.length, 1);
    assert.equal(bgpAdvertisements[0]?.localPref, 100);
    assert.deepEqual(
      [...problems.values()].flat().filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.match(changes.join('\n'), /the ConfigMap form is not read .* 6 objects below say the same/);
  });

  test('configInline of a chart is read alike', () => {
    const release =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: metallb, namespace: metallb-system}\nspec:\n  chart: {spec: {chart: metallb}}\n  values:\n    configInline:\n      address-pools: [{name: lan, protocol: layer2, addresses: [192.0.2.0/28]}]\n';
    const { objects, changes } = migrate(release);
    assert.equal(objects.length, 2);
    assert.match(changes.join('\n'), /the chart goes/);
  });
});

test('what was silently wrong is found before the move', () => {
  const { wrong } = migrate(pool('lan', '192.0.2.0/28') + service('team-a/web', { ip: '198.51.100.9' }));
  const rules = wrong.map(({ rule }) => rule);
  assert.ok(rules.includes('AddressOutsidePools'), rules.join());
  assert.ok(rules.includes('pool-without-advertisement'), rules.join());
});

test('Services of the running cluster keep their addresses', () => {
  const text = pool('lan', '192.0.2.0/28') + service('team-a/web');
  const { stays, wrong } = migrate(text, stateOf(text, { 'team-a/web': '192.0.2.5' }));
  assert.match(stays.join('\n'), /1 Service with an address: each keeps it/);
  assert.deepEqual(
    wrong.filter(({ level }) => level === 'error'),
    [],
  );
});

test('all of it is said in one page with the steps in order', () => {
  const text = renderMigration(migrate(configMap));
  const heads = [...text.matchAll(/^## (.*)$/gm)].map(([, head]) => head);
  assert.deepEqual(heads, ['What stays', 'What changes', 'What was silently wrong', 'The overlay', 'The steps']);
  assert.match(text, /kind: IPAddressPool/);
  assert.match(text, /^1\. .*state export/m);
});
