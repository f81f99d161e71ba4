/** Why two Services can't have one address, and the ways out. */
import { ALLOW_SHARED_IP } from '../api/names.ts';
import { formatAddress } from '../net/address.ts';
import type { Failure, SharingAdvice } from '../policy/failure.ts';
import { remedies } from './remedy.ts';
import { list, portText, quote } from './text.ts';

type Incompatible = Failure & { readonly kind: 'address-incompatible' };

export function incompatibleSentence(failure: Incompatible): string {
  const verb = failure.holds ? 'Cannot keep sharing' : 'Cannot share';
  const place = failure.pool === undefined ? '' : ` of pool ${quote(failure.pool)}`;
  const what = `${verb} address ${formatAddress(failure.address)}${place} with ${failure.holder}`;
  return `${what}: ${why(failure)}; ${remedy(failure)}`;
}

function why(failure: Incompatible): string {
  switch (failure.why) {
    case 'unkeyed':
      return `this Service has no annotation ${ALLOW_SHARED_IP}`;
    case 'holder-unkeyed':
      return `that Service has no annotation ${ALLOW_SHARED_IP}`;
    case 'key':
      return failure.holderKey === undefined
        ? `its sharing key isn't ${quote(failure.key)}`
        : `its sharing key is ${quote(failure.holderKey)}, not ${quote(failure.key)}`;
    case 'namespace':
      return 'a sharing key counts within its own namespace, and no AddressPolicy lets the two namespaces share';
    case 'port':
      return `it has port ${failure.port === undefined ? '' : portText(failure.port)}`;
    case 'traffic-policy':
      return 'one of the two has externalTrafficPolicy Local and the other Cluster, with different selectors';
    case 'backends':
      return 'both have externalTrafficPolicy Local, with different selectors';
  }
}

function remedy(failure: Incompatible): string {
  const elsewhere =
    failure.alternatives.length === 0
      ? []
      : [`ask for ${list(failure.alternatives.map(formatAddress), 3, 'or')}, where it fits`];
  const move = failure.holds ? 'give the Service an address of its own first' : 'ask for another address';
  switch (failure.why) {
    case 'unkeyed':
      return remedies(`keep the annotation`, move);
    case 'holder-unkeyed':
      return remedies(elsewhere, move);
    case 'key':
      return remedies(failure.holds ? 'keep the key' : 'give both the same key', elsewhere, move);
    case 'namespace':
      return remedies(elsewhere, move, adviceSentence(failure.advice));
    case 'port':
      return remedies(elsewhere, 'use another port', move);
    case 'traffic-policy':
    case 'backends':
      return remedies('give both the same spec.selector', 'set both to Cluster', elsewhere, move);
  }
}

function adviceSentence(advice: SharingAdvice | undefined): readonly string[] {
  if (advice === undefined) return [];
  const namespaces = list(advice.namespaces);
  if (advice.kind === 'write') return [`have an AddressPolicy name ${namespaces} in spec.sharing`];
  return [`have ${namespaces} added to spec.sharing of AddressPolicy ${quote(advice.policy)}`];
}
