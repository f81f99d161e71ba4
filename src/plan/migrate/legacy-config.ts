/**
 * MetalLB's configuration before its custom resources (up to 0.12): one YAML
 * text in a ConfigMap, or `configInline` in a chart's values. Read into the
 * kinds that hold the same today.
 *
 * @see https://metallb.universe.tf/configuration/migration_to_crds/
 */
import { METALLB_GROUP, NAMESPACE } from '../../core/api/names.ts';
import { isJsonObject, type JsonObject } from '../../core/config/fields.ts';

export interface Converted {
  readonly objects: readonly JsonObject[];
  /** What has no counterpart, each a sentence without a full stop. */
  readonly left: readonly string[];
}

/** Total: what isn't understood is named in `left`. */
export function convertLegacy(config: unknown): Converted {
  const objects: JsonObject[] = [];
  const left: string[] = [];
  if (!isJsonObject(config)) return { objects, left: ['the configuration is no mapping'] };
  const aliases = isJsonObject(config['bgp-communities']) ? config['bgp-communities'] : {};
  for (const pool of objectsOf(config['address-pools'])) convertPool(pool, objects, left);
  for (const [index, peer] of objectsOf(config.peers).entries()) objects.push(peerOf(peer, index));
  for (const profile of objectsOf(config['bfd-profiles'])) objects.push(profileOf(profile));
  if (Object.keys(aliases).length > 0) {
    const communities = Object.entries(aliases).map(([name, value]) => ({ name, value }));
    objects.push(object('v1beta1', 'Community', 'communities', { communities }));
  }
  for (const key of Object.keys(config)) {
    if (!KNOWN.has(key)) left.push(`"${key}" is no part of the old configuration`);
  }
  return { objects, left };
}

const KNOWN: ReadonlySet<string> = new Set([
  'address-pools',
  'peers',
  'bfd-profiles',
  'bgp-communities',
  'peer-autodiscovery',
]);

function convertPool(pool: JsonObject, objects: JsonObject[], left: string[]): void {
  const name = typeof pool.name === 'string' ? pool.name : '';
  if (name === '') {
    left.push('an address pool has no name');
    return;
  }
  objects.push(
    object('v1beta1', 'IPAddressPool', name, {
      addresses: pool.addresses ?? [],
      ...(pool['auto-assign'] !== undefined && { autoAssign: pool['auto-assign'] }),
      ...(pool['avoid-buggy-ips'] !== undefined && { avoidBuggyIPs: pool['avoid-buggy-ips'] }),
    }),
  );
  if (pool.protocol === 'layer2') objects.push(object('v1beta1', 'L2Advertisement', name, { ipAddressPools: [name] }));
  else if (pool.protocol === 'bgp') objects.push(...advertisementsOf(name, pool));
  else left.push(`pool "${name}" has protocol "${String(pool.protocol)}", so nothing announces it`);
}

/** Without any, MetalLB announced each address by itself. */
function advertisementsOf(name: string, pool: JsonObject): readonly JsonObject[] {
  const given = objectsOf(pool['bgp-advertisements']);
  return (given.length === 0 ? [{}] : given).map((each: JsonObject, index) =>
    object('v1beta1', 'BGPAdvertisement', index === 0 ? name : `${name}-${index + 1}`, {
      ipAddressPools: [name],
      ...renamed(each, {
        'aggregation-length': 'aggregationLength',
        'aggregation-length-v6': 'aggregationLengthV6',
        localpref: 'localPref',
        communities: 'communities',
      }),
    }),
  );
}

function peerOf(peer: JsonObject, index: number): JsonObject {
  const fields = renamed(peer, {
    'my-asn': 'myASN',
    'peer-asn': 'peerASN',
    'peer-address': 'peerAddress',
    'peer-port': 'peerPort',
    'source-address': 'sourceAddress',
    'hold-time': 'holdTime',
    'keepalive-time': 'keepaliveTime',
    'router-id': 'routerID',
    'ebgp-multihop': 'ebgpMultiHop',
    'bfd-profile': 'bfdProfile',
  });
  const selectors = objectsOf(peer['node-selectors']).map((each) => ({
    ...(each['match-labels'] !== undefined && { matchLabels: each['match-labels'] }),
    ...(each['match-expressions'] !== undefined && { matchExpressions: each['match-expressions'] }),
  }));
  return object('v1beta2', 'BGPPeer', `peer${index + 1}`, {
    ...fields,
    ...(selectors.length > 0 && { nodeSelectors: selectors }),
  });
}

function profileOf(profile: JsonObject): JsonObject {
  return object(
    'v1beta1',
    'BFDProfile',
    String(profile.name ?? ''),
    renamed(profile, {
      'receive-interval': 'receiveInterval',
      'transmit-interval': 'transmitInterval',
      'detect-multiplier': 'detectMultiplier',
      'echo-interval': 'echoInterval',
      'echo-mode': 'echoMode',
      'passive-mode': 'passiveMode',
      'minimum-ttl': 'minimumTtl',
    }),
  );
}

function renamed(from: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(names).flatMap(([old, now]) =>
      from[old] === undefined || from[old] === null ? [] : [[now, from[old]] as const],
    ),
  );
}

function object(version: string, kind: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion: `${METALLB_GROUP}/${version}`, kind, metadata: { name, namespace: NAMESPACE }, spec };
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
