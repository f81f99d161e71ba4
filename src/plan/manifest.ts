/** One object that somebody wrote into a file, and where. */
import { isJsonObject, type JsonObject, ownField } from '../core/config/fields.ts';
import { showValue } from '../core/config/show.ts';

export interface Location {
  /** As the user would name it: relative to where the command runs. */
  readonly file: string;
  /** From 1; 0 where only the file is known. */
  readonly line: number;
  readonly column: number;
}

export interface Manifest {
  readonly object: JsonObject;
  readonly apiVersion: string;
  readonly kind: string;
  /** '' where none is written. */
  readonly namespace: string;
  readonly name: string;
  /** Where the object begins. */
  readonly at: Location;
  /** Where a field stands; the nearest parent where it is absent. */
  locate(path: string): Location;
  /** The Flux Kustomization that applies it; undefined outside of a Flux tree. */
  readonly appliedBy?: string | undefined;
}

/** A fault of the files themselves, or advice about them. */
export interface SourceProblem {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable name of the rule: `broken-yaml`. */
  readonly rule: string;
  readonly at: Location;
  /** What is wrong and what to do; no full stop. */
  readonly message: string;
}

/** What was read, and all that was wrong in it. */
export interface Source {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly SourceProblem[];
}

/** `Kind namespace/name`, or `Kind/name` without a namespace. */
export function nameOf({ kind, namespace, name }: Pick<Manifest, 'kind' | 'namespace' | 'name'>): string {
  return namespace === '' ? `${kind} ${showValue(name)}` : `${kind} ${showValue(namespace)}/${showValue(name)}`;
}

/** `file:line`, or the file alone. */
export function placeText({ file, line }: Location): string {
  return line > 0 ? `${file}:${line}` : file;
}

/** Group, kind, namespace and name: two manifests with the same are one object written twice. */
export function identityOf({ apiVersion, kind, namespace, name }: Manifest): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return `${group} ${kind} ${namespace} ${name}`;
}

/** The same manifest with another object in it, as a patch or a substitution leaves it. */
export function withObject(manifest: Manifest, object: JsonObject): Manifest {
  return { ...manifest, ...headOf(object), object };
}

/** What every object says of itself; '' for what it doesn't. */
export function headOf(object: unknown): Pick<Manifest, 'apiVersion' | 'kind' | 'namespace' | 'name'> {
  const metadata = ownField(object, 'metadata');
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    apiVersion: text(ownField(object, 'apiVersion')),
    kind: text(ownField(object, 'kind')),
    namespace: text(ownField(metadata, 'namespace')),
    name: text(ownField(metadata, 'name')),
  };
}

/** Whether a value looks like an object of Kubernetes at all. */
export function isObject(value: unknown): value is JsonObject {
  const head = headOf(value);
  return isJsonObject(value) && head.kind !== '' && head.apiVersion !== '';
}

/** By file, line, column. */
export function compareLocations(a: Location, b: Location): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
