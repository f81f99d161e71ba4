/** The addresses that a Service asks for by itself: `spec.loadBalancerIP`, or up to one a family in an annotation. */
import type { Labels } from '../api/kubernetes.ts';
import { LOAD_BALANCER_IPS, LOAD_BALANCER_IPS_LEGACY } from '../api/names.ts';
import { type Address, parseAddress } from '../net/address.ts';
import { readAnnotation } from './annotation.ts';
import type { Fields } from './fields.ts';
import { explainFault } from './remedy.ts';
import type { Report } from './report.ts';
import { showValue } from './show.ts';

export interface RequestedAddresses {
  readonly addresses: readonly Address[];
  /** Path of the field that asks; '' where none does. */
  readonly from: string;
}

const NONE: RequestedAddresses = { addresses: [], from: '' };

/** Reads both places; asking in both at once is an error, also for the same address: one of them would go stale. */
export function readRequestedAddresses(annotations: Labels, spec: Fields, report: Report): RequestedAddresses {
  const annotation = readAnnotation(annotations, LOAD_BALANCER_IPS, LOAD_BALANCER_IPS_LEGACY, report);
  const field = spec.string('loadBalancerIP');
  const path = spec.pathOf('loadBalancerIP');
  if (annotation !== undefined && field !== undefined) {
    const message = `asks for an address, and ${path} asks for "${showValue(field)}"; one place must decide`;
    report.error(annotation.path, annotation.value, message, `remove the annotation or ${path}`);
    return { addresses: [], from: annotation.path };
  }
  if (annotation !== undefined) {
    return { addresses: readList(annotation.value, annotation.path, report), from: annotation.path };
  }
  if (field === undefined) return NONE;
  if (field.includes(',')) {
    const message = 'holds more than one address; the field takes one';
    report.error(path, field, message, `write the list in the annotation ${LOAD_BALANCER_IPS} instead`);
    return { addresses: [], from: path };
  }
  return { addresses: readList(field, path, report), from: path };
}

const EXAMPLE = 'write an address such as 192.0.2.10';

/** At most this many parts of a list are looked at: two families, and enough to name what is wrong. */
const MOST_PARTS = 8;

function readList(text: string, path: string, report: Report): readonly Address[] {
  const found: Address[] = [];
  for (const part of text.split(',', MOST_PARTS)) {
    const parsed = parseAddress(part.trim());
    if (!parsed.ok) {
      const { message, remedy } = explainFault(text, `is no IP address: ${parsed.error}`, EXAMPLE);
      report.error(path, part.trim(), message, remedy);
      continue;
    }
    const address = parsed.value;
    if (found.some((other) => other.family === address.family)) {
      const message = `asks for more than one ${address.family} address; a Service has at most one a family`;
      report.error(path, text, message, 'keep one address a family');
      return found;
    }
    found.push(address);
  }
  return found;
}
