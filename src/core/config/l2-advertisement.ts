/** L2Advertisement: which addresses are answered for by ARP and NDP, from which nodes and interfaces. */
import { ADVERTISEMENT_FIELDS, type Advertisement, readSelection } from './advertisement.ts';
import type { Fields } from './fields.ts';
import { checkInterfaceName } from './interface-name.ts';
import { readMetadata } from './metadata.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';
import { readSelector, type Selector } from './selector.ts';

export interface L2Advertisement extends Advertisement {
  /** Interfaces that may announce; empty: every interface of the node. */
  readonly interfaces: readonly string[];
  /** Softer than `nodeSelectors`: the weights of all that match a node are added up, the highest sum goes first. */
  readonly preferredNodeSelectors: readonly PreferredNodeSelector[];
  readonly generation: number;
}

export interface PreferredNodeSelector {
  /** 1 to 100. */
  readonly weight: number;
  readonly preference: Selector;
}

const FIELDS = [...ADVERTISEMENT_FIELDS, 'interfaces', 'preferredNodeSelectors'];

/** Reads an L2Advertisement by itself; undefined where the report gained an error. */
export function readL2Advertisement(object: unknown, report: Report): L2Advertisement | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(object, metadata, FIELDS, report);
  const interfaces = spec.strings('interfaces');
  for (const name of interfaces) checkInterfaceName(name, spec.pathOf('interfaces'), report);
  const advertisement: L2Advertisement = {
    ...readSelection(metadata.name, spec, report),
    interfaces,
    preferredNodeSelectors: spec.objects('preferredNodeSelectors').flatMap((term) => readPreference(term, report)),
    generation: metadata.generation,
  };
  return report.errors === before ? advertisement : undefined;
}

function readPreference(term: Fields, report: Report): readonly PreferredNodeSelector[] {
  term.warnUnknown(['weight', 'preference']);
  const weight = term.integer('weight', 1, 100);
  if (!term.has('weight')) {
    report.error(term.pathOf('weight'), undefined, 'is missing', 'write a weight from 1 to 100');
  }
  const preference = readSelector(term.raw('preference'), term.pathOf('preference'), report);
  return weight === undefined || preference === undefined ? [] : [{ weight, preference }];
}
