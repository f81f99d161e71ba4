/** One meaning for each alias, over all Community objects. */
import type { CommunityAliases, CommunityValue } from '../community.ts';
import { type Entry, standing } from '../entry.ts';

/** Reports aliases that an elder object has already given, and gives all aliases that stand. */
export function settleAliases(entries: readonly Entry<CommunityAliases>[]): ReadonlyMap<string, CommunityValue> {
  const owners = new Map<string, string>();
  const aliases = new Map<string, CommunityValue>();
  for (const entry of standing(entries)) {
    for (const alias of entry.value.aliases.keys()) {
      const owner = owners.get(alias);
      if (owner === undefined) continue;
      const remedy = `choose another alias, or remove it from Community "${owner}"`;
      entry.report.error('spec.communities', alias, `is an alias of Community "${owner}" already`, remedy);
    }
    if (entry.report.errors > 0) continue;
    for (const [alias, value] of entry.value.aliases) {
      owners.set(alias, entry.name);
      aliases.set(alias, value);
    }
  }
  return aliases;
}
