/** Lists of names of namespaces and of other configuration objects. */
import type { Fields } from './fields.ts';
import { isDnsLabel, isObjectName } from './names-syntax.ts';
import type { Report } from './report.ts';

/** Names of namespaces; ones that no namespace can have are reported and left out. */
export function readNamespaces(fields: Fields, key: string, report: Report): readonly string[] {
  return fields.strings(key).filter((name) => {
    if (isDnsLabel(name)) return true;
    report.error(
      fields.pathOf(key),
      name,
      'is no valid namespace name',
      'write up to 63 lower-case letters, digits and "-"',
    );
    return false;
  });
}

/** Names of objects of another kind; ones that no object can have are reported and left out. */
export function readObjectNames(fields: Fields, key: string, report: Report): readonly string[] {
  return fields.strings(key).filter((name) => {
    if (isObjectName(name)) return true;
    report.error(fields.pathOf(key), name, 'is no valid object name', 'write the metadata.name of the object you mean');
    return false;
  });
}
