/** Policies of equal priority that say different things about the same Services: only their names would decide. */
import type { Policy, PolicyMatch } from '../configuration.ts';
import { type Entry, standing } from '../entry.ts';
import { formatSelector } from '../selector.ts';
import { excludeEachOther } from './selector-overlap.ts';

type Standing = Entry<Policy> & { readonly value: Policy };

/**
 * Reports a policy that contradicts an elder one of the same priority: a
 * dispute where both match exactly the same Services, a warning where they may
 * match some in common.
 */
export function checkContradictions(entries: readonly Entry<Policy>[]): void {
  const groups = new Map<number, Rivals>();
  for (const entry of standing(entries)) {
    const group = groups.get(entry.value.priority) ?? new Rivals();
    groups.set(entry.value.priority, group);
    for (const elder of group.of(entry.value.match)) compare(entry, elder);
    group.add(entry);
  }
}

/** Policies of one priority, found by namespace, so that ten thousand of them are not compared pair by pair. */
class Rivals {
  readonly #all: Standing[] = [];
  readonly #anyNamespace: Standing[] = [];
  readonly #byNamespace = new Map<string, Standing[]>();

  of(match: PolicyMatch | undefined): Iterable<Standing> {
    if (match?.namespaces === undefined) return this.#all;
    return new Set([...this.#anyNamespace, ...match.namespaces.flatMap((name) => this.#byNamespace.get(name) ?? [])]);
  }

  add(entry: Standing): void {
    this.#all.push(entry);
    const namespaces = entry.value.match?.namespaces;
    if (namespaces === undefined) this.#anyNamespace.push(entry);
    for (const name of namespaces ?? []) {
      this.#byNamespace.set(name, [...(this.#byNamespace.get(name) ?? []), entry]);
    }
  }
}

function compare(entry: Standing, elder: Standing): void {
  const fields = contradictions(entry.value, elder.value);
  if (fields.length === 0 || disjoint(entry.value.match, elder.value.match)) return;
  const which = `AddressPolicy "${elder.name}" of the same priority says otherwise on ${fields.join(', ')}`;
  const remedy = 'give one of the two a lower priority number: it goes first';
  const path = `spec.${fields[0]}`;
  if (matchText(entry.value.match) === matchText(elder.value.match)) {
    entry.dispute(path, undefined, `${which}, for the very same Services`, remedy);
  } else {
    entry.report.warn(path, undefined, `${which}, and may match the same Services; the first by name wins`, remedy);
  }
}

function contradictions(a: Policy, b: Policy): readonly string[] {
  const differ: Readonly<Record<string, boolean>> = {
    pools: a.pools.length > 0 && b.pools.length > 0 && a.pools.join() !== b.pools.join(),
    quota: a.quota !== undefined && b.quota !== undefined && quotaText(a) !== quotaText(b),
    strategy: bothStated(a.strategy, b.strategy),
    releaseDelay: bothStated(a.releaseDelay, b.releaseDelay),
    onExhausted: bothStated(a.onExhausted, b.onExhausted),
    dns: bothStated(a.dns?.hostname, b.dns?.hostname),
  };
  return Object.keys(differ).filter((key) => differ[key]);
}

function bothStated(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function quotaText({ quota }: Policy): string {
  return JSON.stringify([quota, [...(quota?.perPool ?? [])].sort()]);
}

function disjoint(a: PolicyMatch | undefined, b: PolicyMatch | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return (
    haveNoneInCommon(a.namespaces, b.namespaces) ||
    haveNoneInCommon(a.categories, b.categories) ||
    exclude(a.namespaceSelector, b.namespaceSelector) ||
    exclude(a.serviceSelector, b.serviceSelector)
  );
}

function exclude(a: PolicyMatch['serviceSelector'], b: PolicyMatch['serviceSelector']): boolean {
  return a !== undefined && b !== undefined && excludeEachOther(a, b);
}

function haveNoneInCommon(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a !== undefined && b !== undefined && !a.some((each) => b.includes(each));
}

function matchText(match: PolicyMatch | undefined): string {
  const { namespaces, namespaceSelector, serviceSelector, categories } = match ?? {};
  const selectors = [namespaceSelector, serviceSelector].map((each) =>
    each === undefined ? null : formatSelector(each),
  );
  return JSON.stringify([namespaces?.toSorted() ?? null, categories?.toSorted() ?? null, ...selectors]);
}
