/** BGP communities, standard (RFC 1997) and large (RFC 8092), and the aliases that a Community object gives them. */
import { fail, ok, type Result } from '../result.ts';
import { readMetadata } from './metadata.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';

export type CommunityValue =
  | { readonly kind: 'standard'; readonly global: number; readonly local: number }
  | { readonly kind: 'large'; readonly global: number; readonly local1: number; readonly local2: number };

/** A Community object: names for community values. */
export interface CommunityAliases {
  readonly name: string;
  readonly aliases: ReadonlyMap<string, CommunityValue>;
}

export const COMMUNITY_EXAMPLE = 'write a value such as 64512:100 or large:64512:1:100';

/** Reads `a:b` (16 bits each) or `large:a:b:c` (32 bits each). Bad text gives a message without a full stop. */
export function parseCommunity(text: string): Result<CommunityValue> {
  if (text.length > 64) return fail('too long for a community');
  const parts = text.split(':');
  if (parts.length === 2) {
    const numbers = parts.map((part) => parseNumber(part, 0xffff));
    const [global, local] = numbers;
    if (global === undefined || local === undefined) return fail('a standard community is two numbers from 0 to 65535');
    return ok({ kind: 'standard', global, local });
  }
  if (parts.length === 4 && parts[0] === 'large') {
    const [global, local1, local2] = parts.slice(1).map((part) => parseNumber(part, 0xffff_ffff));
    if (global === undefined || local1 === undefined || local2 === undefined) {
      return fail('a large community is "large" and three numbers from 0 to 4294967295');
    }
    return ok({ kind: 'large', global, local1, local2 });
  }
  return fail('a community is two numbers, or "large" and three numbers, with colons between them');
}

/** The text that `parseCommunity` reads; equal values give equal text. */
export function formatCommunity(value: CommunityValue): string {
  switch (value.kind) {
    case 'standard':
      return `${value.global}:${value.local}`;
    case 'large':
      return `large:${value.global}:${value.local1}:${value.local2}`;
  }
}

function parseNumber(text: string, most: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

/** Reads a Community object by itself; undefined where the report gained an error. */
export function readCommunity(object: unknown, report: Report): CommunityAliases | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(object, metadata, ['communities'], report);
  const aliases = new Map<string, CommunityValue>();
  for (const entry of spec.objects('communities')) {
    entry.warnUnknown(['name', 'value']);
    const name = entry.string('name');
    const text = entry.string('value');
    if (name === undefined) {
      report.error(entry.pathOf('name'), undefined, 'is missing', 'write the name that advertisements will use');
      continue;
    }
    if (aliases.has(name)) {
      report.error(entry.pathOf('name'), name, 'is in the list twice', 'give each alias one value');
    }
    const value = text === undefined ? fail('is missing') : parseCommunity(text);
    if (value.ok) aliases.set(name, value.value);
    else report.error(entry.pathOf('value'), text, value.error, COMMUNITY_EXAMPLE);
  }
  return report.errors === before ? { name: metadata.name, aliases } : undefined;
}
