/** Proves that a message comes from a speaker of this cluster: HMAC-SHA-256, cut to 128 bits (RFC 2104, section 5). */
import { createHmac, timingSafeEqual } from 'node:crypto';

const TAG_BYTES = 16;

/** The bytes with their tag, by the first key. */
export function seal(bytes: Uint8Array, keys: readonly Uint8Array[]): Uint8Array {
  const sealed = new Uint8Array(bytes.length + TAG_BYTES);
  sealed.set(bytes);
  sealed.set(tagOf(bytes, keys[0] ?? new Uint8Array(0)), bytes.length);
  return sealed;
}

/** The bytes without their tag; undefined where no key made it. Several keys: a rotation without a gap. */
export function unseal(sealed: Uint8Array, keys: readonly Uint8Array[]): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const bytes = sealed.subarray(0, sealed.length - TAG_BYTES);
  const tag = sealed.subarray(sealed.length - TAG_BYTES);
  return keys.some((key) => timingSafeEqual(tagOf(bytes, key), tag)) ? bytes : undefined;
}

function tagOf(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(bytes).digest().subarray(0, TAG_BYTES);
}
