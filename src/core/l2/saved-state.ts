/**
 * What a speaker keeps on disk, so that after a restart it goes on announcing
 * while the apiserver is away: the last plan, the other speakers, the keys to
 * speak with them, and the record of failovers.
 */
import type { Candidate } from '../announce/candidate.ts';
import type { PlannedAddress } from '../announce/plan.ts';
import { type Address, formatAddress, parseAddress } from '../net/address.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Failover } from './failover-log.ts';

export interface SavedState {
  /** By address text. Standings aren't kept: they only explain. */
  readonly plan: ReadonlyMap<string, PlannedAddress>;
  readonly members: readonly { readonly node: string; readonly address: Address }[];
  /** The sealing key first. Empty where speakers don't hear each other. */
  readonly keys: readonly Uint8Array[];
  readonly failovers: readonly Failover[];
}

const FORMAT = 'berth-speaker-state';
const VERSION = 1;

/** As it lies in the file. Lists of candidates are the same for most addresses, and stored once. */
interface Stored {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly node: string;
  readonly keys: readonly (readonly number[])[];
  readonly members: readonly (readonly [node: string, address: string])[];
  readonly candidates: readonly (readonly Candidate[])[];
  readonly addresses: readonly {
    readonly address: string;
    readonly services: readonly string[];
    readonly pool: string;
    readonly onConflict: PlannedAddress['onConflict'];
    readonly candidates: number;
  }[];
  readonly failovers: readonly Failover[];
}

/** The text of the file. It holds the keys: nobody else may read it. */
export function renderSavedState(node: string, state: SavedState): string {
  const lists = new Map<string, number>();
  const candidates: (readonly Candidate[])[] = [];
  const addresses = [...state.plan.values()].map(({ address, services, pool, onConflict, candidates: own }) => {
    const text = JSON.stringify(own);
    const at = lists.get(text) ?? candidates.push(own) - 1;
    lists.set(text, at);
    return { address: formatAddress(address), services, pool, onConflict, candidates: at };
  });
  const stored: Stored = {
    format: FORMAT,
    version: VERSION,
    node,
    keys: state.keys.map((key) => [...key]),
    members: state.members.map((each) => [each.node, formatAddress(each.address)]),
    candidates,
    addresses,
    failovers: state.failovers,
  };
  return `${JSON.stringify(stored)}\n`;
}

/** Reads such a text. Any other text gives the reason why it can't be used; the reason quotes nothing of it. */
export function parseSavedState(node: string, text: string): Result<SavedState, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return fail('it is no JSON: cut off or damaged');
    throw error;
  }
  if (!isRecord(value) || value.format !== FORMAT) return fail('it was not written by a speaker');
  if (value.version !== VERSION) return fail(`it has another format than version ${VERSION}`);
  if (value.node !== node) return fail('it was written on another node');
  if (!isStored(value)) return fail('parts of it are missing or damaged');
  const plan = new Map<string, PlannedAddress>();
  for (const { address: own, candidates: at, services, pool, onConflict } of value.addresses) {
    const address = parseAddress(own);
    const candidates = value.candidates[at];
    if (!address.ok || candidates === undefined) return fail('parts of it are missing or damaged');
    plan.set(formatAddress(address.value), {
      address: address.value,
      services,
      pool,
      onConflict,
      candidates,
      standings: new Map(),
    });
  }
  const members = value.members.flatMap(([name, text]) => {
    const address = parseAddress(text);
    return address.ok ? [{ node: name, address: address.value }] : [];
  });
  const keys = value.keys.map((key) => Uint8Array.from(key));
  return ok({ plan, members, keys, failovers: value.failovers });
}

function isStored(value: Record<string, unknown>): value is Record<string, unknown> & Stored {
  const { keys, members, candidates, addresses, failovers } = value;
  return (
    isListOf(keys, (key) => isListOf(key, isByte)) &&
    isListOf(members, (each) => isListOf(each, isText) && each.length === 2) &&
    isListOf(candidates, (list) => isListOf(list, isCandidate)) &&
    isListOf(
      addresses,
      (each) =>
        isRecord(each) &&
        isText(each.address) &&
        isListOf(each.services, isText) &&
        isText(each.pool) &&
        (each.onConflict === 'Defend' || each.onConflict === 'Yield' || each.onConflict === 'Move') &&
        isNumber(each.candidates),
    ) &&
    isListOf(
      failovers,
      (each) =>
        isRecord(each) &&
        isNumber(each.at) &&
        isText(each.from) &&
        isText(each.to) &&
        isText(each.cause) &&
        isNumber(each.count) &&
        isListOf(each.addresses, isText),
    )
  );
}

function isCandidate(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.node) &&
    (value.tier === 0 || value.tier === 1 || value.tier === 2) &&
    isNumber(value.weight) &&
    isListOf(value.interfaces, isText)
  );
}

function isListOf<T>(value: unknown, each: (item: unknown) => item is T): value is readonly T[];
function isListOf(value: unknown, each: (item: unknown) => boolean): value is readonly unknown[];
function isListOf(value: unknown, each: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isByte(value: unknown): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= 0 && value <= 255;
}
