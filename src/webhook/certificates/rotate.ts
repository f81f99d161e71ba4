/** Carries out a rotation plan: stored certificates in, stored certificates out. */
import { invariant } from '../../core/invariant.ts';
import type { Millis } from '../../core/time.ts';
import type { KeyPair, Validity } from './authority.ts';
import { joinBundle, type StoredCertificates, splitBundle, withoutExpired } from './inspect.ts';
import type { Plan, RotationPolicy } from './plan.ts';

/** The two acts of making, injectable so that the order of a rotation can be tested without cryptography. */
export interface Mint {
  createAuthority(validity: Validity): Promise<KeyPair>;
  issueCertificate(authority: KeyPair, names: readonly string[], validity: Validity): Promise<KeyPair>;
}

/** Makes what the plan asks for and returns the new content of the Secret; never called for `keep`. */
export async function rotate(
  plan: Exclude<Plan, { kind: 'keep' }>,
  stored: StoredCertificates | undefined,
  names: readonly string[],
  now: Millis,
  policy: RotationPolicy,
  mint: Mint,
): Promise<StoredCertificates> {
  const authorityValidity = { notBefore: now - policy.backdate, notAfter: now + policy.authorityLife };
  const leafValidity = { notBefore: now - policy.backdate, notAfter: now + policy.leafLife };
  switch (plan.kind) {
    case 'create': {
      const authority = await mint.createAuthority(authorityValidity);
      const leaf = await mint.issueCertificate(authority, names, leafValidity);
      return {
        bundle: authority.certificate,
        authorityKey: authority.key,
        certificate: leaf.certificate,
        key: leaf.key,
        nextAuthority: undefined,
        nextAuthorityKey: undefined,
      };
    }
    case 'issue': {
      const authority = signing(stored);
      const leaf = await mint.issueCertificate(authority, names, leafValidity);
      return { ...defined(stored), certificate: leaf.certificate, key: leaf.key };
    }
    case 'stage-authority': {
      const next = await mint.createAuthority(authorityValidity);
      const before = defined(stored);
      return {
        ...before,
        bundle: joinBundle([withoutExpired(before.bundle, now), next.certificate]),
        nextAuthority: next.certificate,
        nextAuthorityKey: next.key,
      };
    }
    case 'promote-authority': {
      const before = defined(stored);
      invariant(before.nextAuthority && before.nextAuthorityKey, 'an authority was staged before it is promoted');
      const authority = { certificate: before.nextAuthority, key: before.nextAuthorityKey };
      const leaf = await mint.issueCertificate(authority, names, leafValidity);
      return {
        // The old authority stays trusted: a replica may serve the old leaf until it has read the Secret again.
        bundle: joinBundle([authority.certificate, withoutExpired(before.bundle, now)]),
        authorityKey: authority.key,
        certificate: leaf.certificate,
        key: leaf.key,
        nextAuthority: undefined,
        nextAuthorityKey: undefined,
      };
    }
  }
}

function defined(stored: StoredCertificates | undefined): StoredCertificates {
  invariant(stored, 'only an empty Secret is planned as create');
  return stored;
}

function signing(stored: StoredCertificates | undefined): KeyPair {
  const { bundle, authorityKey } = defined(stored);
  const [certificate] = splitBundle(bundle);
  invariant(certificate, 'the plan says issue only where an authority is stored');
  return { certificate, key: authorityKey };
}
