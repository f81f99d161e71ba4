/** The start of every parser: a name that the apiserver would take, and a spec that is an object. */
import { Fields, isJsonObject, ownField } from './fields.ts';
import type { Metadata } from './metadata.ts';
import { isObjectName } from './names-syntax.ts';
import type { Report } from './report.ts';

/** The fields of `spec`; what isn't there reads as empty. Reports a bad name, a spec of a wrong type, and unknown fields. */
export function readSpec(object: unknown, metadata: Metadata, known: readonly string[], report: Report): Fields {
  if (!isObjectName(metadata.name)) {
    const remedy = 'write up to 253 lower-case letters, digits, "-" and "."';
    report.error('metadata.name', metadata.name, 'is no valid object name', remedy);
  }
  const spec = ownField(object, 'spec');
  if (spec !== undefined && spec !== null && !isJsonObject(spec)) {
    report.error('spec', spec, 'must be an object', 'write an object with fields');
  }
  const fields = new Fields(isJsonObject(spec) ? spec : {}, 'spec', report);
  fields.warnUnknown(known);
  return fields;
}
