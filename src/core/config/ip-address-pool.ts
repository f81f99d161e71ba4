/** IPAddressPool: addresses that Services are given, and which Services may have them. */
import { CONFLICT_ANSWERS, ON_CONFLICT } from '../api/names.ts';
import { annotationPath } from './annotation.ts';
import type { Pool, ServiceAllocation } from './configuration.ts';
import type { Fields } from './fields.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { readNamespaces } from './read-names.ts';
import { readRanges } from './read-ranges.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';
import { readSelectors } from './selector.ts';

const FIELDS = ['addresses', 'autoAssign', 'avoidBuggyIPs', 'serviceAllocation'];

/** Reads a pool by itself; undefined where the report gained an error. */
export function readPool(object: unknown, report: Report): Pool | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(object, metadata, FIELDS, report);
  const ranges = readRanges(spec, 'addresses', report, { singleAddresses: false });
  if (ranges.length === 0 && report.errors === before) {
    const remedy = 'write at least one prefix or range, such as 192.0.2.0/28';
    report.error(spec.pathOf('addresses'), undefined, 'has no addresses', remedy);
  }
  const pool: Pool = {
    name: metadata.name,
    labels: metadata.labels,
    ranges,
    families: [...new Set(ranges.map((range) => range.family))],
    autoAssign: spec.boolean('autoAssign', true),
    avoidBuggyIPs: spec.boolean('avoidBuggyIPs', false),
    serviceAllocation: readServiceAllocation(spec, report),
    onConflict: readOnConflict(metadata, report),
    generation: metadata.generation,
    deleting: metadata.deleting,
  };
  return report.errors === before ? pool : undefined;
}

function readServiceAllocation(spec: Fields, report: Report): ServiceAllocation | undefined {
  const fields = spec.object('serviceAllocation');
  if (fields === undefined) return undefined;
  fields.warnUnknown(['priority', 'namespaces', 'namespaceSelectors', 'serviceSelectors']);
  // 0 is what Go writes for "not given", and MetalLB takes it so.
  const priority = fields.integer('priority', -2147483648, 2147483647) ?? 0;
  return {
    priority: priority === 0 ? Number.POSITIVE_INFINITY : priority,
    namespaces: readNamespaces(fields, 'namespaces', report),
    namespaceSelectors: readSelectors(fields, 'namespaceSelectors', report),
    serviceSelectors: readSelectors(fields, 'serviceSelectors', report),
  };
}

function readOnConflict(metadata: Metadata, report: Report): Pool['onConflict'] {
  const value = Object.hasOwn(metadata.annotations, ON_CONFLICT) ? metadata.annotations[ON_CONFLICT] : undefined;
  if (value === undefined || value === '') return CONFLICT_ANSWERS[0];
  const known = CONFLICT_ANSWERS.find((answer) => answer === value);
  if (known !== undefined) return known;
  const words = CONFLICT_ANSWERS.join(', ');
  report.error(
    annotationPath(ON_CONFLICT),
    value,
    `must be one of ${words}`,
    'write one of these words as spelled here',
  );
  return CONFLICT_ANSWERS[0];
}
