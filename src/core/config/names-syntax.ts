/** Kubernetes' grammars for names and labels (apimachinery, util/validation). */

const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A value of a label: up to 63 letters, digits, `-`, `_`, `.`; may be empty. */
export function isLabelValue(text: string): boolean {
  return LABEL_VALUE.test(text);
}

/** A key of a label: a name, or `dns.subdomain/name`. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  return name !== '' && isLabelValue(name) && (slash === -1 || isObjectName(text.slice(0, slash)));
}

/** The name of a Namespace or Service: an RFC 1123 label of up to 63 characters. */
export function isDnsLabel(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** The name of most objects: an RFC 1123 subdomain of up to 253 characters. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));
}
