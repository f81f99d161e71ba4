import type { Family } from '../net/address.ts';

/** The family beside this one. */
export function otherFamily(family: Family): Family {
  return family === 'IPv4' ? 'IPv6' : 'IPv4';
}
