/**
 * Rendezvous hashing: each node gives each address a score, the highest score
 * announces. Every node computes the same, and where a node comes or goes only
 * its own share moves.
 */
import type { Address } from '../net/address.ts';

/** Neighbouring addresses that share a block; see `score`. */
const BLOCK_BITS = 4;

/** An address as the hash sees it, computed once and scored by many nodes. */
export interface HashedAddress {
  readonly block: number;
  readonly index: number;
}

/** Splits an address into its block of 16 neighbours and the place in it. */
export function hashAddress(address: Address): HashedAddress {
  const index = Number(address.value & 0xfn);
  let block = address.family === 'IPv4' ? 4 : 6;
  for (let rest = address.value >> BigInt(BLOCK_BITS); rest > 0n; rest >>= 32n) {
    block = mix(block ^ Number(rest & 0xffffffffn));
  }
  return { block, index };
}

/** A node's name as the hash sees it: FNV-1a over UTF-16 units, mixed. */
export function hashNode(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return mix(hash);
}

/**
 * The score of a node for an address, 0 to 2^32 - 1.
 *
 * The top four bits are a permutation, another one for each node and block:
 * within 16 neighbouring addresses a node is high exactly as often as low.
 * Pools are runs of neighbours, so shares come out nearer to even than by
 * independent scores (standard deviation 6.4 % instead of 9.1 % of a share,
 * 1,000 addresses on 10 nodes).
 */
export function score(node: number, address: HashedAddress): number {
  const key = mix(node ^ mix(address.block));
  const fine = mix(key + Math.imul(address.index + 1, 0x9e3779b1)) >>> BLOCK_BITS;
  return ((permute(key, address.index) << (32 - BLOCK_BITS)) | fine) >>> 0;
}

/** A permutation of 0..15 drawn by `key`: a Feistel network over two halves of two bits. */
function permute(key: number, index: number): number {
  let left = index >> 2;
  let right = index & 3;
  for (let round = 0; round < 4; round++) {
    [left, right] = [right, left ^ (mix(key + Math.imul(right, 0x9e3779b1) + Math.imul(round, 0x85ebca6b)) & 3)];
  }
  return (left << 2) | right;
}

/** Spreads each bit of a 32-bit number over all of them. */
function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
