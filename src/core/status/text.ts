/** The small change of sentences: names in quotes, lists, numbers, fields. */

import type { Port } from '../config/service-request.ts';
import { showValue } from '../config/show.ts';
import { type Address, formatAddress } from '../net/address.ts';

/** A name in double quotes, made fit for a terminal. */
export function quote(name: string): string {
  return `"${showValue(name)}"`;
}

/** `a`, `a and b`, `a, b and c`; of more than `most`, the first ones and the number of the rest. */
export function list(items: readonly string[], most = 4, joint = 'and'): string {
  const shown = items.length > most ? [...items.slice(0, most), `${items.length - most} more`] : items;
  if (shown.length <= 1) return shown[0] ?? '';
  return `${shown.slice(0, -1).join(', ')} ${joint} ${shown[shown.length - 1]}`;
}

export function addresses(all: readonly Address[], most?: number): string {
  return list(all.map(formatAddress), most);
}

/** `1 address`, `3 addresses`. */
export function count(number: number | bigint, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 || number === 1n ? one : many}`;
}

/** `TCP/443`. */
export function portText({ protocol, port }: Port): string {
  return `${protocol}/${port}`;
}

/** `annotation metallb.io/address-pool` for the path of an annotation; another path as it is. */
export function field(path: string): string {
  const key = /^metadata\.annotations\[(.*)\]$/.exec(path)?.[1];
  return key === undefined ? path : `annotation ${key}`;
}

/** Several sentences on one line. */
export function inOneLine(sentences: readonly string[]): string {
  return sentences.join('; ');
}
