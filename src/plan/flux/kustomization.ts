/** The parts of a Flux Kustomization that decide what is applied, how and when. */
import { isJsonObject, type JsonObject, ownField } from '../../core/config/fields.ts';
import type { Manifest } from '../manifest.ts';

export const FLUX_GROUP = 'kustomize.toolkit.fluxcd.io';

export interface FluxKustomization {
  /** `namespace/name`. */
  readonly key: string;
  readonly manifest: Manifest | undefined;
  readonly path: string;
  /** `Kind namespace/name` of the source. */
  readonly source: string;
  readonly dependsOn: readonly string[];
  readonly targetNamespace: string | undefined;
  /** Fields that only kustomize itself can carry out, as they go into a kustomization file. */
  readonly overlay: JsonObject;
  readonly substitute: Readonly<Record<string, string>>;
  readonly substituteFrom: readonly { readonly kind: string; readonly name: string; readonly optional: boolean }[];
  readonly substitutes: boolean;
  readonly suspended: boolean;
}

export function isFluxKustomization({ kind, apiVersion }: Manifest): boolean {
  return kind === 'Kustomization' && apiVersion.startsWith(`${FLUX_GROUP}/`);
}

/** Total: what is malformed reads as absent. */
export function readKustomizationObject(manifest: Manifest): FluxKustomization {
  const spec = ownField(manifest.object, 'spec');
  const text = (key: string): string | undefined => {
    const value = ownField(spec, key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const namespace = manifest.namespace || 'flux-system';
  const source = ownField(spec, 'sourceRef');
  const post = ownField(spec, 'postBuild');
  const from = objectsOf(ownField(post, 'substituteFrom'));
  return {
    key: `${namespace}/${manifest.name}`,
    manifest,
    path: (text('path') ?? '.').replace(/^\.?\/+/, '') || '.',
    source: `${word(source, 'kind')} ${word(source, 'namespace') || namespace}/${word(source, 'name')}`,
    dependsOn: objectsOf(ownField(spec, 'dependsOn')).map(
      (each) => `${word(each, 'namespace') || namespace}/${word(each, 'name')}`,
    ),
    targetNamespace: text('targetNamespace'),
    overlay: overlayOf(spec),
    substitute: textsOf(ownField(post, 'substitute')),
    substituteFrom: from.map((each) => ({
      kind: word(each, 'kind'),
      name: word(each, 'name'),
      optional: each.optional === true,
    })),
    substitutes: Object.keys(textsOf(ownField(post, 'substitute'))).length > 0 || from.length > 0,
    suspended: ownField(spec, 'suspend') === true,
  };
}

function overlayOf(spec: unknown): JsonObject {
  const kept = ['patches', 'components', 'namePrefix', 'nameSuffix'].flatMap((key) => {
    const value = ownField(spec, key);
    return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[key, value] as const];
  });
  return Object.fromEntries(kept);
}

function word(value: unknown, key: string): string {
  const found = ownField(value, key);
  return typeof found === 'string' ? found : '';
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Values may be written as numbers or truth values; they are put in as text. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  const entries = Object.entries(value).flatMap(([key, each]) =>
    typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
      ? [[key, String(each)] as const]
      : [],
  );
  return Object.fromEntries(entries);
}
