/** What the stored certificates say, read without trusting that they fit each other. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Millis } from '../../core/time.ts';

/** The contents of the Secret `berth-webhook-cert`, all PEM. */
export interface StoredCertificates {
  /** The authority that signs now comes first, then the next or the previous one. */
  readonly bundle: string;
  readonly authorityKey: string;
  readonly certificate: string;
  readonly key: string;
  /** The authority that will sign next; its certificate is in the bundle already, so that the apiserver learns it first. */
  readonly nextAuthority: string | undefined;
  readonly nextAuthorityKey: string | undefined;
}

export interface Lifetime {
  readonly notBefore: Millis;
  readonly notAfter: Millis;
}

export interface Inspection {
  /** Undefined where there is no readable authority, or its key isn't its own: then nothing new can be signed. */
  readonly authority: Lifetime | undefined;
  /** Undefined where the served certificate is unreadable, isn't signed by an authority in the bundle, or the key isn't its own. */
  readonly leaf: (Lifetime & { readonly carriesNames: boolean }) | undefined;
  /** Undefined where none is staged, or what is staged can't be used. */
  readonly next: Lifetime | undefined;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g;

/** The certificates of a PEM bundle, one text each, in their order; unreadable text gives none. */
export function splitBundle(bundle: string): string[] {
  return (bundle.match(BLOCK) ?? []).map((block) => `${block.trim()}\n`);
}

/** Joins certificates into one bundle, each once. */
export function joinBundle(certificates: readonly string[]): string {
  return [...new Set(certificates.flatMap(splitBundle))].join('');
}

/**
 * Reads the stored certificates and says which of them can be used, and for how long.
 *
 * @param names DNS names and addresses that clients use for the webhook.
 */
export function inspect(stored: StoredCertificates, names: readonly string[]): Inspection {
  const bundle = splitBundle(stored.bundle).flatMap((text) => readCertificate(text) ?? []);
  const [first] = bundle;
  const leaf = readCertificate(stored.certificate);
  const next = stored.nextAuthority === undefined ? undefined : readCertificate(stored.nextAuthority);
  return {
    authority: first && owns(first, stored.authorityKey) ? lifetime(first) : undefined,
    leaf:
      leaf && owns(leaf, stored.key) && bundle.some((authority) => signed(authority, leaf))
        ? { ...lifetime(leaf), carriesNames: names.every((name) => carries(leaf, name)) }
        : undefined,
    next: next && owns(next, stored.nextAuthorityKey ?? '') ? lifetime(next) : undefined,
  };
}

/** True where the key belongs to the certificate: the pair can serve TLS. */
export function matches(certificate: string, key: string): boolean {
  const leaf = readCertificate(certificate);
  return leaf !== undefined && owns(leaf, key);
}

/** The end of a certificate's validity; undefined for unreadable text. */
export function notAfter(certificate: string): Millis | undefined {
  const leaf = readCertificate(certificate);
  return leaf && Date.parse(leaf.validTo);
}

/** Certificates of the bundle that are still valid; an expired authority only makes each TLS handshake longer. */
export function withoutExpired(bundle: string, now: Millis): string {
  return joinBundle(splitBundle(bundle).filter((text) => (notAfter(text) ?? 0) > now));
}

function readCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    // Whatever isn't a certificate is treated as absent, and absent certificates are made anew.
    return undefined;
  }
}

function owns(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    // An unreadable key is nobody's key.
    return false;
  }
}

function signed(authority: X509Certificate, leaf: X509Certificate): boolean {
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

function lifetime(certificate: X509Certificate): Lifetime {
  return { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
}

function carries(certificate: X509Certificate, name: string): boolean {
  return isIP(name) ? certificate.checkIP(name) !== undefined : certificate.checkHost(name) !== undefined;
}
