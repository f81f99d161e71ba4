import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { address } from '../../../test/support/ledger.ts';
import { hold, NOW, type ServiceSpec, service, type WorldSpec, worldOf } from '../../../test/support/world.ts';
import { claimantOf } from './ask.ts';
import { holdDownOf } from './hold-down.ts';

const web: ServiceSpec = { key: 'team-a/web', status: ['10.0.0.1', '10.0.0.0'] };
const kept = { match: { namespaces: ['team-a'] }, releaseDelay: '90s' };
const edge = { edge: '10.0.0.0/30' };

/** What is kept of both addresses, given back so long ago. */
function keptOf(spec: WorldSpec, agoMs = 0, sharer?: ServiceSpec): readonly string[] | undefined {
  const world = worldOf({ pools: edge, policies: { kept }, ...spec });
  if (sharer !== undefined) hold(world, service(sharer));
  const request = service(web);
  const claim = { ...claimantOf(request), addresses: request.held, pool: 'edge' };
  const found = holdDownOf({ claim, addresses: request.held, request, at: NOW - agoMs }, world);
  if (found === undefined) return undefined;
  assert.deepEqual([found.name, found.namespace, found.service], ['hold-down.team-a.web', 'team-a', 'web']);
  const ends = ((found.expiresAt ?? 0) - NOW + agoMs) / 1000;
  return [
    ...found.ranges.map(({ first }) => ['10.0.0.0', '10.0.0.1'].find((text) => address(text).value === first) ?? ''),
    `${Math.floor(ends)} s`,
  ];
}

describe('a hold-down', () => {
  it('keeps what was given back for as long as the policy says, in order', () => {
    assert.deepEqual(keptOf({}), ['10.0.0.0', '10.0.0.1', '90 s']);
  });

  it('counts from when it was given back, and is over then', () => {
    assert.deepEqual(keptOf({}, 60_000), ['10.0.0.0', '10.0.0.1', '90 s']);
    assert.equal(keptOf({}, 91_000), undefined);
  });

  it('keeps nothing where no policy asks for it', () => {
    assert.equal(keptOf({ policies: {} }), undefined);
    assert.equal(keptOf({ policies: { kept: { ...kept, match: { namespaces: ['team-b'] } } } }), undefined);
  });

  it('leaves out what another Service still shares', () => {
    assert.deepEqual(keptOf({}, 0, { key: 'team-a/dns', status: ['10.0.0.0'] }), ['10.0.0.1', '90 s']);
  });

  it('leaves out what lies in no pool', () => {
    assert.deepEqual(keptOf({ pools: { edge: '10.0.0.0/32' } }), ['10.0.0.0', '90 s']);
    assert.equal(keptOf({ pools: { edge: '10.1.0.0/30' } }), undefined);
  });
});
