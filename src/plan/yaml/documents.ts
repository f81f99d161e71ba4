/** A stream of YAML documents: their values, what is broken in them, and the line of any field. */
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { readPlain } from './plain.ts';

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  readonly value: unknown;
  /** Where the first thing that isn't a comment stands. */
  readonly place: Place;
  /** Where a field stands, by its path (`spec.ports[0].port`); the nearest parent where it is absent. */
  locate(path: string): Place;
}

export interface YamlFault extends Place {
  readonly message: string;
}

export interface YamlStream {
  readonly documents: readonly YamlDocument[];
  readonly faults: readonly YamlFault[];
}

/** Reads every document; a broken one becomes a fault and the others are read all the same. */
export function readYaml(text: string): YamlStream {
  const documents: YamlDocument[] = [];
  const faults: YamlFault[] = [];
  for (const part of splitDocuments(text)) {
    const plain = readPlain(part.text);
    if (plain !== undefined) {
      if (plain.value !== null) documents.push(documentOf(plain.value, part));
      continue;
    }
    const whole = parseWhole(part);
    if ('faults' in whole) faults.push(...whole.faults);
    else if (whole.value !== null && whole.value !== undefined) documents.push(documentOf(whole.value, part));
  }
  return { documents, faults };
}

interface Part {
  readonly text: string;
  /** Lines of the file before it. */
  readonly before: number;
}

/** A line that begins with three dashes or dots ends a document, wherever it stands (YAML 1.2.2, 9.1.2). */
function splitDocuments(text: string): readonly Part[] {
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const parts: Part[] = [];
  const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
  let start = 0;
  let before = 0;
  for (let found = marker.exec(clean); found !== null; found = marker.exec(clean)) {
    const own = clean.slice(start, found.index);
    parts.push({ text: own, before });
    before += countLines(own);
    // What follows `---` on its own line belongs to the next document.
    start = found.index + 3;
  }
  parts.push({ text: clean.slice(start), before });
  return parts.filter(({ text: own }) => own.trim() !== '');
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

function parseWhole(part: Part): { readonly value: unknown } | { readonly faults: readonly YamlFault[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(part.text, { lineCounter, merge: true, prettyErrors: false });
  const found = document.errors.map(({ pos, message }): YamlFault => {
    const { line, col } = lineCounter.linePos(pos[0]);
    return { line: part.before + line, column: col, message: firstLine(message) };
  });
  if (found.length > 0) return { faults: found };
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }) };
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof TypeError)) throw error;
    return { faults: [{ ...placeOf(part), message: firstLine(error.message) }] };
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function documentOf(value: unknown, part: Part): YamlDocument {
  let tree: { readonly root: Node | null; readonly lines: LineCounter } | undefined;
  return {
    value,
    get place() {
      return placeOf(part);
    },
    locate(path) {
      if (tree === undefined) {
        const lines = new LineCounter();
        tree = { root: parseDocument(part.text, { lineCounter: lines, merge: true }).contents, lines };
      }
      const offset = offsetOf(tree.root, partsOf(path));
      if (offset === undefined) return placeOf(part);
      const { line, col } = tree.lines.linePos(offset);
      return { line: part.before + line, column: col };
    },
  };
}

function placeOf({ text, before }: Part): Place {
  let line = 0;
  for (const each of text.split('\n')) {
    line += 1;
    const said = each.trimStart();
    if (said !== '' && !said.startsWith('#')) return { line: before + line, column: each.length - said.length + 1 };
  }
  return { line: before + 1, column: 1 };
}

/** `metadata.annotations[metallb.io/x]` and `spec.ports[0].port` as keys. */
export function partsOf(path: string): readonly string[] {
  return [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, inside, plain]) => inside ?? plain ?? '');
}

/** The offset of the deepest part of the path that is there; of its key where it has one. */
function offsetOf(root: Node | null, path: readonly string[]): number | undefined {
  let node: unknown = root;
  let offset = root?.range?.[0];
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item): item is Pair => isPair(item) && isScalar(item.key) && item.key.value === key,
      );
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(key)] as Node | undefined;
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}
