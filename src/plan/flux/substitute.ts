/** Flux's post-build substitution: `${NAME}`, `${NAME:=default}`, `${NAME:-default}`, and `$${NAME}` for the text itself. */
import { isJsonObject, type JsonObject } from '../../core/config/fields.ts';
import { pathTo } from '../../core/config/show.ts';

export interface Variables {
  readonly values: ReadonlyMap<string, string>;
  /** Where values may come from that aren't at hand (a Secret); undefined: everything is. */
  readonly elsewhere: string | undefined;
}

export interface Undefined {
  readonly name: string;
  readonly path: string;
}

export interface Substituted {
  readonly object: JsonObject;
  /** Variables that nothing defines, each where it stands: an empty text takes their place. */
  readonly undefined: readonly Undefined[];
}

const VARIABLE = /\$?\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[=-]([^}]*))?\}/g;

/** An undefined variable that may come from elsewhere stays as it is written. */
export function substitute(object: JsonObject, variables: Variables): Substituted {
  const missing: Undefined[] = [];
  const inText = (text: string, path: string): string =>
    text.replace(VARIABLE, (whole, name: string, fallback: string | undefined) => {
      if (whole.startsWith('$$')) return whole.slice(1);
      const value = variables.values.get(name);
      const withDefault = whole.includes(':');
      if (value !== undefined && (value !== '' || !withDefault)) return value;
      if (variables.elsewhere !== undefined) return whole;
      if (fallback !== undefined) return fallback;
      missing.push({ name, path });
      return '';
    });
  const visit = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') return value.includes('${') ? typed(inText(value, path), value, path) : value;
    if (Array.isArray(value)) return value.map((each, index) => visit(each, `${path}[${index}]`));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [inText(key, path), visit(each, pathTo(path, key))]),
    );
  };
  return { object: visit(object, '') as JsonObject, undefined: missing };
}

/** The text is read as YAML again: what was nothing but a variable may become a number. Labels and annotations stay text. */
function typed(text: string, written: string, path: string): unknown {
  if (!/^\$\{[^}]*\}$/.test(written) || /^metadata\./.test(path)) return text;
  if (/^\d+$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}
