/**
 * Reads the plain part of YAML that nearly all manifests keep to, about twenty
 * times as fast as the library: block mappings and lists, scalars on one line,
 * literal blocks. Anything else (anchors, tags, flow collections, folded text,
 * a doubt) gives `undefined`, and the library is asked. Never another value
 * than the library's: `plain.test.ts` holds the two against each other.
 */
export function readPlain(text: string): { readonly value: unknown } | undefined {
  const reader = new PlainReader(text.split('\n'));
  return reader.document();
}

/** Thrown to leave the fast path; never leaves this file. */
const notPlain = Symbol('not plain');

/** What a key may look like; a plain scalar that begins otherwise is left to the library. */
const KEY = /^([A-Za-z_][A-Za-z0-9_./-]*|"[^"\\]*"|'[^']*'):(?: +|$)/;
const PLAIN_START = /^[A-Za-z0-9_./~$<(^+]|^-[A-Za-z0-9_./]/;
const NUMBER = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INTEGER = /^[-+]?[0-9]+$/;

class PlainReader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  document(): { readonly value: unknown } | undefined {
    try {
      this.#skip();
      if (this.#at >= this.#lines.length) return { value: null };
      if (this.#indent() !== 0) return undefined;
      const value = this.#block(0);
      this.#skip();
      return this.#at < this.#lines.length ? undefined : { value };
    } catch (error) {
      if (error === notPlain) return undefined;
      throw error;
    }
  }

  get #line(): string {
    return this.#lines[this.#at] ?? '';
  }

  /** Goes to the next line that says something. */
  #skip(): void {
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#line;
      let start = 0;
      while (line.charCodeAt(start) === 32) start += 1;
      if (start < line.length && line.charCodeAt(start) !== 35) return;
    }
  }

  #indent(): number {
    const line = this.#line;
    let start = 0;
    while (line.charCodeAt(start) === 32) start += 1;
    const code = line.charCodeAt(start);
    if (code === 9 || code === 13) throw notPlain;
    return start;
  }

  #block(indent: number): unknown {
    return isItem(this.#line, indent) ? this.#list(indent) : this.#mapping(indent, this.#line.slice(indent));
  }

  #list(indent: number): unknown[] {
    const list: unknown[] = [];
    for (;;) {
      const line = this.#line;
      if (!isItem(line, indent)) throw notPlain;
      let start = indent + 1;
      while (line.charCodeAt(start) === 32) start += 1;
      const rest = line.slice(start);
      if (rest === '' || rest.startsWith('#')) list.push(this.#below(indent, false));
      else if (isItem(line, start)) throw notPlain;
      else if (KEY.test(rest)) list.push(this.#mapping(start, rest));
      else list.push(this.#scalar(rest, indent));
      this.#skip();
      if (this.#at >= this.#lines.length) return list;
      const next = this.#indent();
      if (next < indent || (next === indent && !isItem(this.#line, indent))) return list;
      if (next > indent) throw notPlain;
    }
  }

  /** `rest`: the line from the first key on, which may follow a dash. */
  #mapping(indent: number, first: string): Record<string, unknown> {
    const mapping: Record<string, unknown> = {};
    let rest = first;
    for (;;) {
      const found = KEY.exec(rest);
      if (found === null) throw notPlain;
      const [whole, written = ''] = found;
      const key = written.startsWith('"') || written.startsWith("'") ? written.slice(1, -1) : written;
      // Words that YAML may take for something else than text, and keys that JavaScript does.
      if (key === '__proto__' || Object.hasOwn(mapping, key) || isWord(written)) throw notPlain;
      const value = rest.slice(whole.length);
      if (value === '' || value.startsWith('#')) mapping[key] = this.#below(indent, true);
      else mapping[key] = this.#scalar(value, indent);
      this.#skip();
      if (this.#at >= this.#lines.length) return mapping;
      const next = this.#indent();
      if (next < indent) return mapping;
      if (next > indent) throw notPlain;
      if (isItem(this.#line, indent)) return mapping;
      rest = this.#line.slice(indent);
    }
  }

  /** The value that begins on a later line; null where none does. A list may stand as deep as its key. */
  #below(indent: number, ofKey: boolean): unknown {
    this.#at += 1;
    this.#skip();
    if (this.#at >= this.#lines.length) return null;
    const next = this.#indent();
    if (next > indent) return this.#block(next);
    return ofKey && next === indent && isItem(this.#line, indent) ? this.#list(indent) : null;
  }

  /** A scalar that begins on this line; moves past it. */
  #scalar(text: string, indent: number): unknown {
    if (text.startsWith('|')) return this.#literal(text, indent);
    const value = scalarOf(text);
    this.#at += 1;
    // A deeper line would go on with the text.
    this.#skip();
    if (this.#at < this.#lines.length && this.#indent() > indent) throw notPlain;
    return value;
  }

  #literal(header: string, indent: number): string {
    const chomp = header.trimEnd().slice(1);
    if (chomp !== '' && chomp !== '-') throw notPlain;
    this.#at += 1;
    const begin = this.#at;
    let depth = 0;
    const lines: string[] = [];
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#line;
      const blank = line.trim() === '';
      if (blank && line !== '') throw notPlain;
      if (!blank) {
        const own = this.#indent();
        if (depth === 0) {
          if (own <= indent) break;
          if (this.#at !== begin) throw notPlain;
          depth = own;
        }
        if (own < depth) {
          if (own > indent) throw notPlain;
          break;
        }
      }
      lines.push(line.slice(depth));
    }
    if (depth === 0) throw notPlain;
    while (lines.at(-1) === '') lines.pop();
    return lines.join('\n') + (chomp === '-' ? '' : '\n');
  }
}

function isItem(line: string, indent: number): boolean {
  if (line.charCodeAt(indent) !== 45) return false;
  return line.length === indent + 1 || line.charCodeAt(indent + 1) === 32;
}

/** A plain word that isn't text in YAML 1.2's core schema. */
function isWord(text: string): boolean {
  return /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE)$/.test(text);
}

function scalarOf(text: string): unknown {
  const first = text.charCodeAt(0);
  if (first === 34) return quoted(text, /^"([^"\\]*)"(?:\s+#.*|\s*)$/);
  if (first === 39) return quoted(text, /^'([^']*)'(?:\s+#.*|\s*)$/);
  if (text === '{}') return {};
  if (text === '[]') return [];
  if (!PLAIN_START.test(text) || text.includes('\t')) throw notPlain;
  const comment = text.indexOf(' #');
  const plain = (comment < 0 ? text : text.slice(0, comment)).trimEnd();
  if (plain.includes(': ') || plain.endsWith(':')) throw notPlain;
  if (INTEGER.test(plain)) {
    const value = Number(plain);
    if (!Number.isSafeInteger(value)) throw notPlain;
    return value;
  }
  if (NUMBER.test(plain)) return Number(plain);
  if (isWord(plain)) return /^[tT]/.test(plain) ? true : /^[fF]/.test(plain) ? false : null;
  if (/^(?:0[xo]|[-+]?\.(?:inf|nan))/i.test(plain)) throw notPlain;
  return plain;
}

function quoted(text: string, whole: RegExp): string {
  const found = whole.exec(text);
  if (found === null) throw notPlain;
  return found[1] ?? '';
}
