/**
 * When a certificate is made, and in which order an authority is replaced.
 *
 * ```
 *            2/3 of 10 years            apiserver trusts both
 *   serving ────────────────▶ stage ───────────────────────▶ promote ──▶ serving
 *      ▲  │                   (next authority joins          (next authority signs a new
 *      │  │ 2/3 of 90 days     the bundle, signs nothing)     leaf; the old one stays in the
 *      │  ▼                                                   bundle until it expires)
 *      issue (new leaf, same authority)
 * ```
 * At each moment every certificate in use is signed by an authority that the
 * apiserver has already been told of, so no request fails on the way.
 */
import { invariant } from '../../core/invariant.ts';
import type { Millis } from '../../core/time.ts';
import type { Inspection, Lifetime } from './inspect.ts';

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;

export interface RotationPolicy {
  /** At least three times `leafLife`: no leaf is then ever cut short by its authority's end. */
  readonly authorityLife: Millis;
  readonly leafLife: Millis;
  /** Certificates are dated back by this much, for apiservers whose clock is behind. */
  readonly backdate: Millis;
  /** A staged authority signs only this long after it was made, so that every apiserver has seen the longer bundle. */
  readonly settle: Millis;
}

/** A 10-year authority and a 90-day leaf. */
export const rotationPolicy: RotationPolicy = {
  authorityLife: 3650 * DAY,
  leafLife: 90 * DAY,
  backdate: 5 * MINUTE,
  settle: 10 * MINUTE,
};

export type Plan =
  /** Nothing to do before `until`. */
  | { readonly kind: 'keep'; readonly until: Millis }
  /** Make authority and leaf: there is nothing that could serve. */
  | { readonly kind: 'create' }
  /** Make a leaf under the authority that signs now. */
  | { readonly kind: 'issue' }
  /** Make the next authority and add it to the bundle. */
  | { readonly kind: 'stage-authority' }
  /** Let the staged authority sign. */
  | { readonly kind: 'promote-authority' };

export interface Circumstances {
  readonly now: Millis;
  /** True where the webhook configurations were seen to carry the whole stored bundle. */
  readonly bundleTrusted: boolean;
  readonly policy: RotationPolicy;
}

/** Says what has to be done next with the stored certificates (undefined: none stored yet). */
export function planRotation(stored: Inspection | undefined, circumstances: Circumstances): Plan {
  const { now, bundleTrusted, policy } = circumstances;
  invariant(policy.authorityLife >= 3 * policy.leafLife, 'an authority lives at least three times as long as a leaf');
  const leaf = stored?.leaf;
  const authority = stored?.authority;
  const next = stored?.next;
  const leafServes = leaf !== undefined && leaf.notAfter > now && leaf.carriesNames;
  const authoritySigns = authority !== undefined && authority.notAfter > now;

  if (!authoritySigns && !leafServes) return { kind: 'create' };
  if (authoritySigns && !leafServes) return { kind: 'issue' };
  if (authoritySigns && now < rotationTime(authority)) {
    invariant(leaf, 'a leaf that serves is there');
    if (now >= rotationTime(leaf)) return { kind: 'issue' };
    return { kind: 'keep', until: Math.min(rotationTime(authority), rotationTime(leaf)) };
  }
  if (!next || next.notAfter <= now) return { kind: 'stage-authority' };
  const settled = next.notBefore + policy.backdate + policy.settle;
  if (!bundleTrusted || now < settled) return { kind: 'keep', until: Math.max(settled, now + MINUTE) };
  return { kind: 'promote-authority' };
}

/** Two thirds into a certificate's life. */
export function rotationTime(life: Lifetime): Millis {
  return life.notBefore + ((life.notAfter - life.notBefore) * 2) / 3;
}
