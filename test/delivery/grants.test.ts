import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { AuditEvent } from '../../lab/control-plane/audit.ts';
import { buildOffline, kustomizeFolder, type Manifest, manifestsOf } from './built.ts';
import { compare, type Grant, grantsOf } from './grants.ts';

const user = 'system:serviceaccount:metallb-system:controller';

function request(verb: string, objectRef: AuditEvent['objectRef'], decision = 'allow', username = user): AuditEvent {
  return {
    auditID: '1',
    stage: 'ResponseComplete',
    verb,
    requestURI: '/',
    user: { username },
    ...(objectRef && { objectRef }),
    requestReceivedTimestamp: '',
    stageTimestamp: '',
    annotations: { 'authorization.k8s.io/decision': decision },
  };
}

describe('use and grants are compared', () => {
  const patchStatus: Grant = { namespace: '', group: '', resource: 'services/status', name: '', verb: 'patch' };
  const getSecret: Grant = { namespace: 'metallb-system', group: '', resource: 'secrets', name: 'cert', verb: 'get' };

  for (const { what, event, unused } of [
    {
      what: 'a cluster-wide grant is used in any namespace',
      event: request('patch', { resource: 'services', subresource: 'status', namespace: 'shop', name: 'web' }),
      unused: ['get secrets "cert" in metallb-system'],
    },
    {
      what: 'a grant of a subresource is not used by a request for the object',
      event: request('patch', { resource: 'services', namespace: 'shop', name: 'web' }),
      unused: ['patch services/status', 'get secrets "cert" in metallb-system'],
    },
    {
      what: 'a grant for a name is used by that name',
      event: request('get', { resource: 'secrets', namespace: 'metallb-system', name: 'cert' }),
      unused: ['patch services/status'],
    },
    {
      what: 'a grant for a name is not used by another name',
      event: request('get', { resource: 'secrets', namespace: 'metallb-system', name: 'other' }),
      unused: ['patch services/status', 'get secrets "cert" in metallb-system'],
    },
    {
      what: 'what somebody else did counts for nothing',
      event: request('get', { resource: 'secrets', namespace: 'metallb-system', name: 'cert' }, 'allow', 'admin'),
      unused: ['patch services/status', 'get secrets "cert" in metallb-system'],
    },
  ]) {
    test(what, () => {
      assert.deepEqual(compare([event], user, [patchStatus, getSecret]), { unused, forbidden: [] });
    });
  }

  test('a request that was forbidden is told once, in words', () => {
    const event = request(
      'delete',
      { resource: 'ipaddresspools', apiGroup: 'metallb.io', namespace: 'a', name: 'p' },
      'forbid',
    );
    assert.deepEqual(compare([event, event], user, []).forbidden, ['delete ipaddresspools.metallb.io "p" in a']);
  });

  test('what a grant covers was forbidden by an apiserver that had not read the roles yet', () => {
    const event = request(
      'patch',
      { resource: 'services', subresource: 'status', namespace: 'a', name: 'b' },
      'forbid',
    );
    const other = request('get', { resource: 'secrets', namespace: 'metallb-system', name: 'other' }, 'forbid');
    const { forbidden } = compare([event, other], user, [patchStatus, getSecret]);
    assert.deepEqual(forbidden, ['get secrets "other" in metallb-system']);
  });
});

describe('the shipped roles', () => {
  let manifests: readonly Manifest[];
  before(async () => {
    manifests = manifestsOf(await buildOffline(join(kustomizeFolder, 'overlays/l2')));
  });

  for (const account of ['controller', 'speaker']) {
    test(`of the ${account} name everything: no wildcard, no grant twice`, () => {
      const grants = grantsOf(manifests, account);
      assert.ok(grants.length > 0);
      for (const grant of grants) assert.ok(!Object.values(grant).includes('*'), JSON.stringify(grant));
      const words = grants.map((grant) => JSON.stringify(grant));
      assert.deepEqual(words, [...new Set(words)]);
    });

    test(`of the ${account} open no way to more rights`, () => {
      // Whoever has one of these can become somebody else, or read what isn't Berth's.
      const dangerous = grantsOf(manifests, account).filter(
        ({ verb, resource, namespace, name }) =>
          ['escalate', 'bind', 'impersonate', 'deletecollection'].includes(verb) ||
          /^(pods\/(exec|attach|ephemeralcontainers)|nodes\/proxy|serviceaccounts\/token|(cluster)?role(binding)?s)$/.test(
            resource,
          ) ||
          (resource === 'secrets' && (namespace === '' || (name === '' && verb !== 'create'))),
      );
      assert.deepEqual(dangerous, []);
    });
  }

  test('let the speaker change nothing but events and its own reports, and make the key of its heartbeats', () => {
    const changing = grantsOf(manifests, 'speaker').filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
    const said = changing.map(({ verb, resource, namespace }) => `${verb} ${resource} ${namespace}`.trim());
    assert.deepEqual(said.sort(), [
      'create events',
      'create secrets metallb-system',
      'create servicel2statuses metallb-system',
      'delete servicel2statuses metallb-system',
      'patch events',
      'patch servicel2statuses metallb-system',
      'patch servicel2statuses/status metallb-system',
    ]);
  });
});
