// @peculiar/x509 keeps its injected parts in metadata and needs this before it is loaded.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const crypto = webcrypto as unknown as Crypto;

/** What a certificate is for; Kubernetes reads the user from `commonName` and the groups from `organizations`. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses of a server; empty for a client. */
  readonly hosts?: readonly string[];
}

/** A certificate and its key, both PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** The lab's own certificate authority; its key lives as long as the lab's folder. */
export interface Authority {
  readonly certificate: string;
  readonly issue: (request: CertificateRequest) => Promise<IssuedCertificate>;
}

/** Opens the authority kept in this folder (ca.crt, ca.key), or makes one there. */
export async function openAuthority(directory: string): Promise<Authority> {
  const [certificateFile, keyFile] = [join(directory, 'ca.crt'), join(directory, 'ca.key')];
  if (!existsSync(certificateFile)) await create(directory, certificateFile, keyFile);
  const certificate = new x509.X509Certificate(readFileSync(certificateFile, 'utf8'));
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(readFileSync(keyFile, 'utf8')),
    algorithm,
    true,
    ['sign'],
  );
  return {
    certificate: certificate.toString('pem'),
    issue: (request) => issue(certificate, signingKey, request),
  };
}

async function create(directory: string, certificateFile: string, keyFile: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: 'CN=berth-lab-ca',
      ...validity(),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      ],
    },
    crypto,
  );
  writeFileSync(keyFile, await pemOfKey(keys.privateKey), { mode: 0o600 });
  writeFileSync(certificateFile, certificate.toString('pem'));
}

async function issue(
  authority: x509.X509Certificate,
  signingKey: CryptoKey,
  request: CertificateRequest,
): Promise<IssuedCertificate> {
  const keys = await newKeys();
  const names = (request.hosts ?? []).map((host) => ({
    type: isIP(host) ? ('ip' as const) : ('dns' as const),
    value: host,
  }));
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: [
        ...(request.organizations ?? []).map((organization) => ({ O: [organization] })),
        { CN: [request.commonName] },
      ],
      issuer: authority.subjectName,
      ...validity(),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    },
    crypto,
  );
  return { certificate: certificate.toString('pem'), key: await pemOfKey(keys.privateKey) };
}

/** A new private key for signing service account tokens, PEM, and its public half, PEM. */
export async function newSigningKeyPair(): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  const keys = await newKeys();
  const exported = await crypto.subtle.exportKey('spki', keys.publicKey);
  return {
    privateKey: await pemOfKey(keys.privateKey),
    publicKey: `${x509.PemConverter.encode(exported, 'PUBLIC KEY')}\n`,
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as unknown as Promise<webcrypto.CryptoKeyPair>;
}

async function pemOfKey(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function serialNumber(): string {
  const bytes = randomBytes(16);
  // A serial number is a positive integer (RFC 5280 section 4.1.2.2): the top bit stays clear.
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** A day back, for clocks that differ a little, and ten years ahead: a lab's folder may be kept. */
function validity(): { notBefore: Date; notAfter: Date } {
  const day = 24 * 3600 * 1000;
  return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 3650 * day) };
}
