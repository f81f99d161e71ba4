/** BGPPeer: a configured BGP neighbour and the nodes that open a session with it. */
import { toStorageVersion } from '../api/bgp-peer-conversion.ts';
import type { Address } from '../net/address.ts';
import { type BgpEndpoint, readEndpoint, readRouterId, readSourceAddress } from './bgp-endpoint.ts';
import { type PeerPassword, readPassword } from './bgp-password.ts';
import { type BgpTimers, readTimers } from './bgp-timers.ts';
import type { Fields } from './fields.ts';
import { checkInterfaceName } from './interface-name.ts';
import { readMetadata } from './metadata.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';
import { readSelectors, type Selector } from './selector.ts';

export interface BgpPeer extends BgpTimers {
  readonly name: string;
  readonly myAsn: number;
  /** The neighbour's AS number, or how it is learned from its OPEN message. */
  readonly peerAsn: number | 'internal' | 'external';
  /** AS number shown to this peer in place of `myAsn`. */
  readonly localAsn: number | undefined;
  readonly endpoint: BgpEndpoint;
  readonly sourceAddress: Address | undefined;
  readonly port: number;
  /** BGP identifier; undefined: the node's own. */
  readonly routerId: Address | undefined;
  /** Empty: every node. */
  readonly nodeSelectors: readonly Selector[];
  readonly password: PeerPassword | undefined;
  readonly bfdProfile: string | undefined;
  readonly enableGracefulRestart: boolean;
  readonly ebgpMultiHop: boolean;
  readonly vrf: string | undefined;
  readonly dualStackAddressFamily: boolean;
  readonly disableMp: boolean;
  readonly generation: number;
}

const FIELDS = [
  'myASN',
  'peerASN',
  'dynamicASN',
  'localASN',
  'peerAddress',
  'interface',
  'sourceAddress',
  'peerPort',
  'holdTime',
  'keepaliveTime',
  'connectTime',
  'routerID',
  'nodeSelectors',
  'password',
  'passwordSecret',
  'bfdProfile',
  'enableGracefulRestart',
  'ebgpMultiHop',
  'vrf',
  'disableMP',
  'dualStackAddressFamily',
];

/**
 * Reads a BGPPeer of either version by itself; undefined where the report
 * gained an error. No field switches the checks of another one off.
 */
export function readBgpPeer(object: unknown, report: Report): BgpPeer | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(toStorageVersion(object), metadata, FIELDS, report);
  const asNumbers = readAsNumbers(spec, report);
  const endpoint = readEndpoint(spec, report);
  const vrf = spec.string('vrf');
  if (vrf !== undefined) checkInterfaceName(vrf, spec.pathOf('vrf'), report);
  const rest = {
    name: metadata.name,
    ...readTimers(spec, report),
    sourceAddress: readSourceAddress(spec, endpoint, report),
    port: spec.integer('peerPort', 1, 16_384) ?? 179,
    routerId: readRouterId(spec, report),
    nodeSelectors: readSelectors(spec, 'nodeSelectors', report),
    password: readPassword(spec, metadata.namespace, report),
    bfdProfile: spec.string('bfdProfile'),
    enableGracefulRestart: spec.boolean('enableGracefulRestart', false),
    ebgpMultiHop: spec.boolean('ebgpMultiHop', false),
    vrf,
    dualStackAddressFamily: spec.boolean('dualStackAddressFamily', false),
    disableMp: spec.boolean('disableMP', false),
    generation: metadata.generation,
  };
  if (asNumbers !== undefined) checkMultiHop(asNumbers, rest.ebgpMultiHop, spec, report);
  if (report.errors > before || asNumbers === undefined || endpoint === undefined) return undefined;
  return { ...rest, ...asNumbers, endpoint };
}

type AsNumbers = Pick<BgpPeer, 'myAsn' | 'peerAsn' | 'localAsn'>;

const MOST_ASN = 0xffff_ffff;

function readAsNumbers(spec: Fields, report: Report): AsNumbers | undefined {
  const before = report.errors;
  const myAsn = readAsn(spec, 'myASN');
  if (myAsn === undefined && report.errors === before) {
    report.error(spec.pathOf('myASN'), spec.raw('myASN'), 'is missing', 'write the AS number of the nodes');
  }
  const peerAsn = readPeerAsn(spec, report);
  const localAsn = readAsn(spec, 'localASN');
  if (localAsn !== undefined && localAsn === myAsn) {
    report.warn(spec.pathOf('localASN'), localAsn, 'is myASN itself and changes nothing', 'remove localASN');
  }
  return myAsn === undefined || peerAsn === undefined ? undefined : { myAsn, peerAsn, localAsn };
}

/** 0 is what Go writes for "not given", and no AS number (RFC 7607). */
function readAsn(spec: Fields, key: string): number | undefined {
  return spec.raw(key) === 0 ? undefined : spec.integer(key, 1, MOST_ASN);
}

function readPeerAsn(spec: Fields, report: Report): BgpPeer['peerAsn'] | undefined {
  const before = report.errors;
  const number = readAsn(spec, 'peerASN');
  const path = spec.pathOf('dynamicASN');
  const dynamic = spec.word('dynamicASN', ['internal', 'external']);
  if (report.errors > before) return undefined;
  if (number !== undefined && dynamic !== undefined) {
    report.error(
      path,
      dynamic,
      'is given beside peerASN, and a peer has one of the two',
      'remove dynamicASN or peerASN',
    );
    return undefined;
  }
  if (number === undefined && dynamic === undefined) {
    const remedy = 'write the AS number of the neighbour, or dynamicASN: internal or external';
    report.error(spec.pathOf('peerASN'), spec.raw('peerASN'), 'is missing, and so is dynamicASN', remedy);
  }
  return number ?? dynamic;
}

function checkMultiHop(asNumbers: AsNumbers, multiHop: boolean, spec: Fields, report: Report): void {
  const { myAsn, peerAsn } = asNumbers;
  if (!multiHop || (peerAsn !== 'internal' && peerAsn !== myAsn)) return;
  const message = 'is for external peers, and this one is internal (same AS number)';
  report.error(
    spec.pathOf('ebgpMultiHop'),
    true,
    message,
    'remove ebgpMultiHop; internal sessions may cross hops anyway',
  );
}
