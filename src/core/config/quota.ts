/** The quota of an AddressPolicy: what each matched namespace may have at most. */
import type { Quota } from './configuration.ts';
import type { Fields } from './fields.ts';
import { isObjectName } from './names-syntax.ts';
import type { Report } from './report.ts';

const MOST = 2147483647;

/** Undefined where absent; every part that isn't given is unlimited, and 0 allows none. */
export function readQuota(spec: Fields, report: Report): Quota | undefined {
  const fields = spec.object('quota');
  if (fields === undefined) return undefined;
  fields.warnUnknown(['addresses', 'addressesIPv4', 'addressesIPv6', 'services', 'perPool']);
  if (fields.keys().length === 0) {
    report.warn(fields.path, undefined, 'limits nothing', 'write addresses, services or perPool, or remove quota');
  }
  const ipv4 = fields.integer('addressesIPv4', 0, MOST);
  const ipv6 = fields.integer('addressesIPv6', 0, MOST);
  return {
    addresses: fields.integer('addresses', 0, MOST),
    addressesPerFamily: {
      ...(ipv4 === undefined ? {} : { IPv4: ipv4 }),
      ...(ipv6 === undefined ? {} : { IPv6: ipv6 }),
    },
    services: fields.integer('services', 0, MOST),
    perPool: readPerPool(fields, report),
  };
}

function readPerPool(fields: Fields, report: Report): ReadonlyMap<string, number> {
  const perPool = fields.object('perPool');
  const found = new Map<string, number>();
  for (const name of perPool?.keys() ?? []) {
    const limit = perPool?.integer(name, 0, MOST);
    if (!isObjectName(name)) {
      report.error(
        fields.pathOf('perPool'),
        name,
        'is no valid pool name',
        'write the metadata.name of an IPAddressPool',
      );
    } else if (limit !== undefined) {
      found.set(name, limit);
    }
  }
  return found;
}
