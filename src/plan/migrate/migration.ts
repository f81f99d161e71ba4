/** What an install of MetalLB comes to under Berth: what stays, what changes, what was silently wrong, and in which steps. */
import { parse, stringify } from 'yaml';
import { METALLB_GROUP, NAMESPACE } from '../../core/api/names.ts';
import { isJsonObject, type JsonObject, ownField } from '../../core/config/fields.ts';
import { isConfigKind } from '../../core/config/kinds.ts';
import { count } from '../../core/status/text.ts';
import { type ClusterState, emptyState } from '../cluster-state.ts';
import { planOf } from '../forecast/forecast.ts';
import { type Finding, findingsOf } from '../format/rows.ts';
import { headOf, type Manifest, nameOf, placeText } from '../manifest.ts';
import type { ReadResult } from '../read/files.ts';
import { convertLegacy } from './legacy-config.ts';

export interface Migration {
  readonly stays: readonly string[];
  readonly changes: readonly string[];
  /** What works less than its author thinks, under MetalLB already. */
  readonly wrong: readonly Finding[];
  /** Objects to add to git in place of older forms. */
  readonly objects: readonly JsonObject[];
}

/** Pure. `state` is the running cluster, if there is one. */
export function migrationOf(read: ReadResult, state: ClusterState | undefined, now: number): Migration {
  const changes: string[] = [];
  const added: Manifest[] = [];
  for (const manifest of read.manifests) {
    for (const { object, left } of olderForms(manifest)) {
      const objects = object === undefined ? [] : [object];
      for (const each of objects)
        added.push({ ...headOf(each), object: each, at: manifest.at, locate: () => manifest.at });
      changes.push(...left.map((each) => `${nameOf(manifest)} (${placeText(manifest.at)}): ${each}`));
    }
  }
  changes.push(...otherChanges(read.manifests));
  const manifests = [...read.manifests, ...added];
  const report = planOf({
    manifests,
    wishes: read.wishes,
    problems: read.problems,
    before: state ?? emptyState(),
    managed: 'nothing',
    now,
  });
  return {
    stays: stayingOf(manifests, state),
    changes,
    wrong: findingsOf(report),
    objects: added.map(({ object }) => object),
  };
}

interface OlderForm {
  readonly object: JsonObject | undefined;
  readonly left: readonly string[];
}

function olderForms({ kind, apiVersion, name, object }: Manifest): readonly OlderForm[] {
  if (kind === 'ConfigMap') {
    const text = ownField(ownField(object, 'data'), 'config');
    return typeof text === 'string' && /^address-pools:/m.test(text) ? formsOf(parse(text), 'the ConfigMap form') : [];
  }
  if (kind === 'HelmRelease') {
    const inline = ownField(ownField(ownField(object, 'spec'), 'values'), 'configInline');
    return isJsonObject(inline) ? formsOf(inline, 'configInline of the chart') : [];
  }
  if (kind === 'AddressPool' && apiVersion.startsWith(`${METALLB_GROUP}/`)) {
    const spec = ownField(object, 'spec');
    const { protocol, addresses, autoAssign } = isJsonObject(spec) ? spec : {};
    return formsOf(
      {
        'address-pools': [
          { name, protocol, addresses, ...(autoAssign !== undefined && { 'auto-assign': autoAssign }) },
        ],
      },
      'the kind AddressPool',
    );
  }
  return [];
}

function formsOf(config: unknown, form: string): readonly OlderForm[] {
  const { objects, left } = convertLegacy(config);
  const said = `${form} is not read by MetalLB 0.13 and later, nor by Berth; ${count(objects.length, 'object')} below ${objects.length === 1 ? 'says' : 'say'} the same`;
  return [{ object: undefined, left: [said, ...left] }, ...objects.map((object) => ({ object, left: [] }))];
}

function otherChanges(manifests: readonly Manifest[]): readonly string[] {
  const changes: string[] = [];
  for (const manifest of manifests) {
    const { kind, apiVersion, namespace } = manifest;
    const metallb = apiVersion.startsWith(`${METALLB_GROUP}/`);
    if (kind === 'MetalLB' && metallb)
      changes.push(
        `${nameOf(manifest)}: the operator's kind has no meaning for Berth; remove it together with the operator`,
      );
    if ((kind === 'BGPPeer' || kind === 'BGPAdvertisement') && metallb)
      changes.push(
        `${nameOf(manifest)}: checked and kept, and without effect in this release, which speaks no BGP: do not take over a cluster that lives by it yet`,
      );
    if (metallb && isConfigKind(kind) && namespace !== '' && namespace !== NAMESPACE)
      changes.push(`${nameOf(manifest)}: Berth reads ${NAMESPACE} unless \`--namespace ${namespace}\` says otherwise`);
    if (
      kind === 'HelmRelease' &&
      /metallb/i.test(JSON.stringify(ownField(ownField(manifest.object, 'spec'), 'chart') ?? ''))
    )
      changes.push(
        `${nameOf(manifest)}: the chart goes, Berth comes by kustomize; its values for nodes, tolerations and resources become patches`,
      );
  }
  return changes;
}

function stayingOf(manifests: readonly Manifest[], state: ClusterState | undefined): readonly string[] {
  const kinds = new Map<string, number>();
  for (const { kind, apiVersion } of manifests) {
    if (isConfigKind(kind) && apiVersion.startsWith(METALLB_GROUP)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const objects = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, number]) => `${number} ${kind}`);
  const held = [...(state?.services.values() ?? [])].filter(
    ({ status }) => (status?.loadBalancer?.ingress?.length ?? 0) > 0,
  ).length;
  return [
    ...(objects.length === 0 ? [] : [`${objects.join(', ')}: the same kinds, read as they are`]),
    'annotations of both prefixes, spec.loadBalancerIP, spec.loadBalancerClass, sharing keys',
    `namespace ${NAMESPACE}, the labels app=metallb and component, the names of metrics`,
    ...(state === undefined ? [] : [`${count(held, 'Service')} with an address: each keeps it, as its status says it`]),
  ];
}

const OVERLAY = {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  resources: ['berth/kustomize/overlays/l2', 'converted.yaml'],
};

const STEPS: readonly string[] = [
  'Write down who has which address: `berth state export --output-file before.yaml`',
  'Mend what is listed as silently wrong, while MetalLB still runs',
  'Where older forms are listed, commit the converted objects, and wait until MetalLB has taken them',
  'Delete the workloads and webhooks by name, and nothing else (`helm uninstall` takes the definitions and all pools with it): Deployment `controller`, DaemonSet `speaker`, ValidatingWebhookConfiguration `metallb-webhook-configuration`; from here on nobody announces',
  'Apply the overlay at once: the controller takes every address over from the statuses and changes none, and the speakers announce them again',
  'Compare: `berth state export --output-file after.yaml`, then `diff before.yaml after.yaml`: no address differs',
];

/** Markdown, which reads well on a terminal too. */
export function renderMigration({ stays, changes, wrong, objects }: Migration): string {
  const list = (items: readonly string[], none: string): string =>
    items.length === 0 ? none : items.map((each) => `- ${each}`).join('\n');
  const faults = wrong.map(
    ({ at, subject, message, rule }) =>
      `${at === undefined ? '' : `${placeText(at)}: `}${at?.file === subject ? '' : `${subject}: `}${message.replaceAll('\n', '\n  ')} [${rule}]`,
  );
  const overlay = [
    '```yaml',
    '# kustomization.yaml',
    stringify(objects.length > 0 ? OVERLAY : { ...OVERLAY, resources: OVERLAY.resources.slice(0, 1) }).trimEnd(),
    '```',
  ];
  const converted =
    objects.length === 0
      ? []
      : ['```yaml', '# converted.yaml', objects.map((each) => stringify(each).trimEnd()).join('\n---\n'), '```'];
  return [
    '# From MetalLB to Berth',
    '## What stays',
    list(stays, 'Nothing of MetalLB was found.'),
    '## What changes',
    list(changes, 'Nothing.'),
    '## What was silently wrong',
    list(faults, 'Nothing was found.'),
    '## The overlay',
    [...overlay, ...converted].join('\n'),
    '## The steps',
    STEPS.map((step, index) => `${index + 1}. ${step}.`).join('\n'),
    '',
  ].join('\n\n');
}
