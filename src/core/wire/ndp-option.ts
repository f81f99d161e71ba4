/** Options of Neighbor Discovery messages (RFC 4861, section 4.6). */
import { type Mac, macFromBytes, macToBytes } from '../net/mac.ts';
import { fail, ok } from '../result.ts';
import { concatBytes } from './bytes.ts';
import type { Decoded } from './decoded.ts';

const SOURCE_LINK_LAYER = 1;
const TARGET_LINK_LAYER = 2;
/** Lengths on the wire count these. */
const UNIT_BYTES = 8;

export type NdpOption =
  | { readonly kind: 'source-link-layer'; readonly mac: Mac }
  | { readonly kind: 'target-link-layer'; readonly mac: Mac }
  /** An option that Berth doesn't read, such as a nonce (RFC 3971); `body` is what follows type and length. */
  | { readonly kind: 'other'; readonly type: number; readonly body: Uint8Array };

/** Reads the options that fill `bytes`; a length of zero or past the end is refused (RFC 4861, section 4.6). */
export function decodeNdpOptions(bytes: Uint8Array): Decoded<readonly NdpOption[]> {
  const options: NdpOption[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const type = bytes[offset] ?? 0;
    const length = (bytes[offset + 1] ?? 0) * UNIT_BYTES;
    if (length === 0 || offset + length > bytes.length) return fail('bad-option-length');
    options.push(readOption(type, bytes.slice(offset + 2, offset + length)));
    offset += length;
  }
  return ok(options);
}

/** Link-layer addresses of other sizes (not Ethernet's) stay unread. */
function readOption(type: number, body: Uint8Array): NdpOption {
  if (body.length === 6 && type === SOURCE_LINK_LAYER) return { kind: 'source-link-layer', mac: macFromBytes(body) };
  if (body.length === 6 && type === TARGET_LINK_LAYER) return { kind: 'target-link-layer', mac: macFromBytes(body) };
  return { kind: 'other', type, body };
}

/** The options' bytes, in order; a body is padded with zeros to a multiple of eight. */
export function encodeNdpOptions(options: readonly NdpOption[]): Uint8Array {
  return concatBytes(...options.map(encodeOption));
}

function encodeOption(option: NdpOption): Uint8Array {
  switch (option.kind) {
    case 'source-link-layer':
      return concatBytes([SOURCE_LINK_LAYER, 1], macToBytes(option.mac));
    case 'target-link-layer':
      return concatBytes([TARGET_LINK_LAYER, 1], macToBytes(option.mac));
    case 'other': {
      const units = Math.ceil((option.body.length + 2) / UNIT_BYTES);
      const padding = new Uint8Array(units * UNIT_BYTES - option.body.length - 2);
      return concatBytes([option.type, units], option.body, padding);
    }
  }
}
