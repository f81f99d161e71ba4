/** What configuration is held against of each node: its labels, and the addresses that are its own. */
import type { Labels } from '../../api/kubernetes.ts';
import { parseAddress } from '../../net/address.ts';
import type { Range } from '../../net/range.ts';
import { ownField } from '../fields.ts';
import { readMetadata } from '../metadata.ts';
import { matches, type Selector } from '../selector.ts';
import { showValue } from '../show.ts';

export interface NodeFacts {
  readonly name: string;
  readonly labels: Labels;
  /** One range of one address each; an address that two nodes claim is the first one's. */
  readonly addresses: readonly Range[];
}

/** Total: addresses that can't be read (host names among them) are left out. */
export function readNodes(objects: readonly unknown[]): readonly NodeFacts[] {
  const seen = new Set<string>();
  return objects.map((object) => {
    const { name, labels } = readMetadata(object);
    const addresses = readAddresses(object).filter(({ family, first }) => {
      const key = `${family} ${first}`;
      return !seen.has(key) && seen.add(key);
    });
    return { name: showValue(name), labels, addresses };
  });
}

function readAddresses(object: unknown): readonly Range[] {
  const list = ownField(ownField(object, 'status'), 'addresses');
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown): Range[] => {
    const [type, text] = [ownField(each, 'type'), ownField(each, 'address')];
    if ((type !== 'InternalIP' && type !== 'ExternalIP') || typeof text !== 'string') return [];
    const address = parseAddress(text);
    if (!address.ok) return [];
    const { family, value } = address.value;
    return [{ family, first: value, last: value }];
  });
}

/** Whether both lists of node selectors (empty: every node) take one node at least. Unknown nodes: yes, to be safe. */
export function shareNode(a: readonly Selector[], b: readonly Selector[], nodes: readonly NodeFacts[]): boolean {
  if (nodes.length === 0) return true;
  const takes = (selectors: readonly Selector[], labels: Labels): boolean =>
    selectors.length === 0 || selectors.some((selector) => matches(selector, labels));
  return nodes.some(({ labels }) => takes(a, labels) && takes(b, labels));
}
