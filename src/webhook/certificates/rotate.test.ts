import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import * as authority from './authority.ts';
import { inspect, matches, notAfter, type StoredCertificates, splitBundle } from './inspect.ts';
import { planRotation, rotationPolicy as policy } from './plan.ts';
import { rotate } from './rotate.ts';
import { fromSecret, toSecret } from './secret.ts';

const names = ['webhook-service.metallb-system.svc', '10.0.0.1', 'fd00::1'];
const DAY = 24 * 3600_000;

function trusts(bundle: string, leaf: string): boolean {
  const certificate = new X509Certificate(leaf);
  return splitBundle(bundle).some((text) => {
    const issuer = new X509Certificate(text);
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  });
}

async function step(stored: StoredCertificates | undefined, now: number, bundleTrusted = true) {
  const plan = planRotation(stored && inspect(stored, names), { now, bundleTrusted, policy });
  if (plan.kind === 'keep') return { plan: plan.kind, stored };
  return { plan: plan.kind, stored: await rotate(plan, stored, names, now, policy, authority) };
}

test('a made pair carries its names, lives 90 days under an authority of ten years, and fits together', async () => {
  const now = Date.now();
  const { stored } = await step(undefined, now);
  assert.ok(stored);
  const leaf = new X509Certificate(stored.certificate);
  for (const name of names) assert.ok(leaf.checkHost(name) ?? leaf.checkIP(name), name);
  assert.equal(leaf.checkHost('other.metallb-system.svc'), undefined);
  assert.equal(Math.round(((notAfter(stored.certificate) ?? 0) - now) / DAY), 90);
  assert.equal(Math.round(((notAfter(stored.bundle) ?? 0) - now) / DAY), 3650);
  assert.equal(leaf.ca, false);
  assert.equal(new X509Certificate(stored.bundle).ca, true);
  assert.ok(matches(stored.certificate, stored.key));
  assert.ok(trusts(stored.bundle, stored.certificate));
  createPrivateKey(stored.authorityKey);
});

test('over twelve years, no leaf is ever served that the bundle before it did not trust', async () => {
  let now = Date.now();
  let stored = (await step(undefined, now)).stored;
  const seen = new Set<string>();
  for (let day = 0; day < 12 * 365; day += 20) {
    now += 20 * DAY;
    for (let settled = 0; settled < 3; settled += 1) {
      assert.ok(stored);
      const before: StoredCertificates = stored;
      const next = await step(before, now);
      assert.ok(next.stored);
      seen.add(next.plan);
      // The apiserver may still have the bundle from before, and a replica may still serve the leaf from before.
      assert.ok(trusts(before.bundle, next.stored.certificate), `${next.plan}: new leaf, bundle before`);
      assert.ok(trusts(next.stored.bundle, before.certificate), `${next.plan}: leaf before, new bundle`);
      assert.ok((notAfter(next.stored.certificate) ?? 0) > now);
      stored = next.stored;
      now += policy.settle + policy.backdate;
    }
  }
  assert.deepEqual([...seen].sort(), ['issue', 'keep', 'promote-authority', 'stage-authority']);
});

test('an authority that has expired leaves the bundle at the next rotation of the authority', async () => {
  const start = Date.now();
  const first = (await step(undefined, start)).stored;
  assert.ok(first);
  const afterLife = start + policy.authorityLife + DAY;
  const made = await rotate({ kind: 'stage-authority' }, first, names, afterLife, policy, authority);
  assert.equal(splitBundle(made.bundle).length, 1);
  assert.notEqual(made.bundle, first.bundle);
});

test('a key that is not the certificate’s own makes neither leaf nor authority usable', async () => {
  const now = Date.now();
  const one = (await step(undefined, now)).stored;
  const other = (await step(undefined, now)).stored;
  assert.ok(one && other);
  assert.equal(inspect({ ...one, key: other.key }, names).leaf, undefined);
  assert.equal(inspect({ ...one, authorityKey: other.authorityKey }, names).authority, undefined);
  assert.equal(inspect({ ...one, certificate: other.certificate, key: other.key }, names).leaf, undefined);
});

test('a Secret gives back what was put in, and unreadable content reads as nothing usable', async () => {
  const stored = (await step(undefined, Date.now())).stored;
  assert.ok(stored);
  assert.deepEqual(fromSecret(toSecret(stored, 'metallb-system', '7')), stored);
  assert.equal(toSecret(stored, 'metallb-system', '7').metadata.resourceVersion, '7');
  const broken = fromSecret({ metadata: { name: 'x' }, data: { 'tls.crt': 'AAAA', 'ca.crt': '!!!' } });
  assert.deepEqual(inspect(broken, names), { authority: undefined, leaf: undefined, next: undefined });
  assert.deepEqual(inspect(fromSecret({ metadata: { name: 'x' } }), names).leaf, undefined);
});
