/** Text that stands for a value which only the cluster, a secret or another tool has. */
import { isJsonObject } from '../../core/config/fields.ts';
import { pathTo } from '../../core/config/show.ts';

/** `${NAME}`, `$(NAME)`, `{{ … }}`, a SOPS value, a path of a secrets plugin. */
const PLACEHOLDER = /\$\{[^}]*\}|\$\([A-Z_]+\)|\{\{.*?\}\}|ENC\[[A-Z0-9_]+,|<path:[^>]*>|<[A-Z][A-Z0-9_]+>/;

export interface Unresolved {
  readonly path: string;
  readonly text: string;
}

/** The first placeholder below a value, in the order written; undefined where everything is there. */
export function unresolvedIn(value: unknown, path = ''): Unresolved | undefined {
  if (typeof value === 'string') {
    const found = PLACEHOLDER.exec(value);
    return found === null ? undefined : { path, text: found[0] };
  }
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      const found = unresolvedIn(each, `${path}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const found = unresolvedIn(each, pathTo(path, key));
    if (found !== undefined) return found;
  }
  return undefined;
}
