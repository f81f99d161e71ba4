/** Where a BGP neighbour is, and the addresses of our own that belong to the session. */
import { type Address, formatAddress, parseAddress } from '../net/address.ts';
import { type SpecialUse, specialUse } from '../net/special-use.ts';
import type { Fields } from './fields.ts';
import { checkInterfaceName } from './interface-name.ts';
import { explainFault } from './remedy.ts';
import type { Report } from './report.ts';

/** An address to dial, or the interface of an unnumbered session. */
export type BgpEndpoint =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'interface'; readonly interface: string };

/** Exactly one of `peerAddress` and `interface`. */
export function readEndpoint(spec: Fields, report: Report): BgpEndpoint | undefined {
  const name = spec.string('interface');
  const path = spec.pathOf('peerAddress');
  if (spec.has('peerAddress') && name !== undefined) {
    const message = `is given beside ${spec.pathOf('interface')}, and a session has one of the two`;
    report.error(
      path,
      spec.raw('peerAddress'),
      message,
      'remove peerAddress for an unnumbered session, else interface',
    );
    return undefined;
  }
  if (name !== undefined) {
    checkInterfaceName(name, spec.pathOf('interface'), report);
    return { kind: 'interface', interface: name };
  }
  if (!spec.has('peerAddress')) {
    const remedy = 'write the address of the neighbour, or interface for an unnumbered session';
    report.error(path, undefined, 'is missing, and so is interface', remedy);
    return undefined;
  }
  const address = readAddress(spec, 'peerAddress', report);
  if (address === undefined) return undefined;
  checkReachable(address, path, report);
  return { kind: 'address', address };
}

/** The source of the session; its family must be that of the neighbour's address. */
export function readSourceAddress(
  spec: Fields,
  endpoint: BgpEndpoint | undefined,
  report: Report,
): Address | undefined {
  const source = readAddress(spec, 'sourceAddress', report);
  if (source === undefined || endpoint?.kind !== 'address' || endpoint.address.family === source.family) return source;
  const message = `is ${source.family}, but the neighbour's address is ${endpoint.address.family}`;
  const remedy = `write an ${endpoint.address.family} address of the nodes, or remove sourceAddress`;
  report.error(spec.pathOf('sourceAddress'), spec.raw('sourceAddress'), message, remedy);
  return undefined;
}

/** A BGP identifier is four octets, also in an IPv6 session (RFC 6286). */
export function readRouterId(spec: Fields, report: Report): Address | undefined {
  const id = readAddress(spec, 'routerID', report);
  if (id === undefined || (id.family === 'IPv4' && id.value !== 0n)) return id;
  const remedy = 'write four numbers with dots, such as 192.0.2.1';
  report.error(spec.pathOf('routerID'), spec.raw('routerID'), 'must be an IPv4 address other than 0.0.0.0', remedy);
  return undefined;
}

function readAddress(spec: Fields, key: string, report: Report): Address | undefined {
  const text = spec.string(key);
  if (text === undefined) return undefined;
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.value;
  const { message, remedy } = explainFault(text, parsed.error, 'write an address such as 192.0.2.1');
  report.error(spec.pathOf(key), text, message, remedy);
  return undefined;
}

function checkReachable(address: Address, path: string, report: Report): void {
  const special = specialUse({ family: address.family, first: address.value, last: address.value });
  if (special === undefined) return;
  const remedy = 'write an address of the neighbour that the nodes can reach';
  const value = formatAddress(address);
  if (mayAnswer(special)) report.warn(path, value, `is perhaps out of the nodes' reach: ${special.reason}`, remedy);
  else report.error(path, value, `can't be dialled: ${special.reason}`, remedy);
}

/** A router may run on the node itself (loopback), or sit on its only link. */
function mayAnswer(special: SpecialUse): boolean {
  return special.kind === 'loopback' || special.kind === 'link-local';
}
