/** What decoding bytes from strangers gives: a value, or the name of the rule that they break. */
import type { Result } from '../result.ts';

/**
 * Why bytes are no message that Berth reads. Each is a metric label, so the
 * words are stable.
 */
export type WireFault =
  | 'truncated'
  | 'length-mismatch'
  | 'vlan-tagged'
  | 'foreign-ether-type'
  | 'foreign-hardware-type'
  | 'foreign-protocol-type'
  | 'unknown-operation'
  | 'group-sender'
  | 'foreign-ip-version'
  | 'foreign-next-header'
  | 'forwarded-hop-limit'
  | 'bad-checksum'
  | 'unknown-message'
  | 'unknown-code'
  | 'group-source'
  | 'group-target'
  | 'bad-option-length'
  | 'option-from-unspecified'
  | 'unspecified-to-foreign-group'
  | 'solicited-to-group';

export type Decoded<T> = Result<T, WireFault>;
