/** Reads what a Service asks for; total on any JSON that claims to be a Service. */
import type { Labels, Service } from '../api/kubernetes.ts';
import {
  ADDRESS_POOL,
  ADDRESS_POOL_LEGACY,
  ALLOCATED_FROM_POOL,
  ALLOCATED_FROM_POOL_LEGACY,
  ALLOW_SHARED_IP,
  ALLOW_SHARED_IP_LEGACY,
  ASSIGNED_POOL,
  CATEGORY,
} from '../api/names.ts';
import { type Address, type Family, parseAddress } from '../net/address.ts';
import { annotationPath, readAnnotation } from './annotation.ts';
import { Fields, isJsonObject, ownField } from './fields.ts';
import { readMetadata } from './metadata.ts';
import { isObjectName } from './names-syntax.ts';
import { Report } from './report.ts';
import { readRequestedAddresses } from './requested-addresses.ts';
import { readFamilies } from './service-families.ts';
import type { Port, ServiceRequest } from './service-request.ts';
import { showValue } from './show.ts';

/**
 * Reads a Service. A malformed wish becomes a problem and reads as absent;
 * nothing here says deprecated of `spec.loadBalancerIP`, the form most people use.
 *
 * @param clusterFamilies Families that the cluster gives, primary first. Only
 *   read where the apiserver hasn't filled `spec.ipFamilies` yet: it does so
 *   after mutating webhooks ran, and never in a file.
 */
export function parseService(service: Service, clusterFamilies: readonly Family[] = ['IPv4', 'IPv6']): ServiceRequest {
  const report = new Report();
  const metadata = readMetadata(service);
  const spec = readSpec(service, report);
  const requested = readRequestedAddresses(metadata.annotations, spec, report);
  const pool = readPool(metadata.annotations, report);
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    createdAt: metadata.createdAt,
    labels: metadata.labels,
    ...readFamilies(spec, clusterFamilies, report),
    requestedAddresses: requested.addresses,
    requestedAddressesFrom: requested.from,
    requestedPool: pool.name,
    requestedPoolFrom: pool.from,
    sharingKey: readSharingKey(metadata.annotations, report),
    category: readCategory(metadata.annotations, metadata.labels, report),
    ports: readPorts(spec, report),
    trafficPolicy: spec.raw('externalTrafficPolicy') === 'Local' ? 'Local' : 'Cluster',
    backends: readBackends(spec),
    assignedPool: metadata.annotations[ASSIGNED_POOL] || undefined,
    allocatedPool:
      metadata.annotations[ALLOCATED_FROM_POOL] || metadata.annotations[ALLOCATED_FROM_POOL_LEGACY] || undefined,
    held: readHeld(service),
    problems: report.problems(),
  };
}

function readSpec(service: unknown, report: Report): Fields {
  const spec = ownField(service, 'spec');
  return new Fields(isJsonObject(spec) ? spec : {}, 'spec', report);
}

function readPool(annotations: Labels, report: Report): { readonly name: string | undefined; readonly from: string } {
  const found = readAnnotation(annotations, ADDRESS_POOL, ADDRESS_POOL_LEGACY, report);
  if (found === undefined) return { name: undefined, from: '' };
  const name = found.value.trim();
  if (isObjectName(name)) return { name, from: found.path };
  report.error(found.path, found.value, "can't be the name of a pool", 'write the name of one IPAddressPool');
  return { name: undefined, from: found.path };
}

function readSharingKey(annotations: Labels, report: Report): string | undefined {
  const found = readAnnotation(annotations, ALLOW_SHARED_IP, ALLOW_SHARED_IP_LEGACY, report);
  if (found === undefined) return undefined;
  if (found.value.includes(',')) {
    const message = 'is one key, commas included; Services share only where the whole text is equal';
    report.warn(found.path, found.value, message, 'write a key without commas if a list was meant');
  }
  return found.value;
}

function readCategory(annotations: Labels, labels: Labels, report: Report): string | undefined {
  const annotation = annotations[CATEGORY]?.trim() || undefined;
  const label = labels[CATEGORY]?.trim() || undefined;
  if (annotation !== undefined && label !== undefined && annotation !== label) {
    const message = `differs from the label of the same name, which says "${showValue(label)}"; the annotation is taken`;
    report.warn(annotationPath(CATEGORY), annotation, message, 'keep one of the two');
  }
  return annotation ?? label;
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

function readPorts(spec: Fields, report: Report): readonly Port[] {
  return spec.objects('ports').flatMap((each): Port[] => {
    const before = report.errors;
    const protocol = each.word('protocol', PROTOCOLS) ?? 'TCP';
    const port = each.integer('port', 1, 65535);
    if (port === undefined && report.errors === before) {
      report.error(each.pathOf('port'), undefined, 'is missing', 'write a port from 1 to 65535');
    }
    return port === undefined || report.errors > before ? [] : [{ protocol, port }];
  });
}

/** Equal text for equal selectors, whatever the order of their keys. */
function readBackends(spec: Fields): string {
  const selector = spec.raw('selector');
  if (!isJsonObject(selector)) return '';
  const entries = Object.entries(selector).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '' : entries.map((entry) => JSON.stringify(entry)).join(',');
}

function readHeld(service: unknown): readonly Address[] {
  const ingress = ownField(ownField(ownField(service, 'status'), 'loadBalancer'), 'ingress');
  if (!Array.isArray(ingress)) return [];
  return ingress.flatMap((each: unknown) => {
    const ip = ownField(each, 'ip');
    if (typeof ip !== 'string') return [];
    const address = parseAddress(ip);
    return address.ok ? [address.value] : [];
  });
}
