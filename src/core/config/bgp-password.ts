/** The TCP MD5 password of a BGP session (RFC 2385). It never enters a problem's text. */
import { Fields, isJsonObject } from './fields.ts';
import { isObjectName } from './names-syntax.ts';
import type { Report } from './report.ts';

/** In the object itself, or in a Secret of type kubernetes.io/basic-auth under the key `password`. */
export type PeerPassword =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'secret'; readonly name: string; readonly namespace: string };

/** What the kernel's key holds (TCP_MD5SIG_MAXKEYLEN). */
const MOST_BYTES = 80;

/** At most one of `password` and `passwordSecret`; the Secret lies beside the BGPPeer. */
export function readPassword(spec: Fields, ownNamespace: string, report: Report): PeerPassword | undefined {
  const secret = readSecret(spec, ownNamespace, report);
  const path = spec.pathOf('password');
  const text = spec.raw('password');
  if (text === undefined) return secret;
  if (typeof text !== 'string') {
    report.error(path, undefined, 'must be a string', 'write the password in quotes');
    return undefined;
  }
  if (secret !== undefined) {
    report.error(path, undefined, 'is given beside passwordSecret, and a peer has one of the two', 'remove password');
    return undefined;
  }
  if (new TextEncoder().encode(text).length > MOST_BYTES) {
    report.error(
      path,
      undefined,
      `is longer than ${MOST_BYTES} bytes`,
      'agree on a shorter password with the neighbour',
    );
  }
  const remedy = 'put it into a Secret of type kubernetes.io/basic-auth and name that in passwordSecret';
  report.warn(path, undefined, 'is readable by everyone who may read BGPPeers', remedy);
  return { kind: 'text', text };
}

function readSecret(spec: Fields, ownNamespace: string, report: Report): PeerPassword | undefined {
  const raw = spec.raw('passwordSecret');
  if (raw === undefined) return undefined;
  const path = spec.pathOf('passwordSecret');
  if (!isJsonObject(raw)) {
    // Without the value: someone may have put the password itself here.
    report.error(path, undefined, 'must be an object', 'write name: and the name of the Secret');
    return undefined;
  }
  const reference = new Fields(raw, path, report);
  reference.warnUnknown(['name', 'namespace']);
  const name = reference.string('name');
  // Go writes an unset reference as an empty object.
  if (name === undefined) return undefined;
  if (!isObjectName(name)) {
    report.error(reference.pathOf('name'), name, 'is no valid object name', 'write the name of the Secret');
  }
  const namespace = reference.string('namespace');
  if (namespace !== undefined && ownNamespace !== '' && namespace !== ownNamespace) {
    const message = `is another namespace than the BGPPeer's own, ${ownNamespace}, where the Secret is read`;
    report.error(
      reference.pathOf('namespace'),
      namespace,
      message,
      'remove namespace, and keep the Secret beside the BGPPeer',
    );
  }
  return { kind: 'secret', name, namespace: ownNamespace };
}
