/** What each change of configuration meets at admission, one after the other as Flux applies them. */
import type { KubeObject } from '../../core/api/kubernetes.ts';
import { ALLOW_DISRUPTION } from '../../core/api/names.ts';
import { buildConfiguration } from '../../core/config/build.ts';
import type { Configuration } from '../../core/config/configuration.ts';
import { compareText } from '../../core/config/entry.ts';
import { ownField } from '../../core/config/fields.ts';
import { judge } from '../../core/config/judge.ts';
import { type ConfigKind, RAW_LIST } from '../../core/config/kinds.ts';
import type { RawConfiguration } from '../../core/config/raw-configuration.ts';
import type { Ledger } from '../../core/ipam/ledger.ts';
import { type Effect, effectOfChange, type Loss } from '../../core/policy/disruption.ts';
import { configurationRefusal, disruptionRefusal } from '../../core/status/admission-message.ts';
import { overlayWarning } from '../../core/status/disruption.ts';
import { problemSentence } from '../../core/status/problem.ts';
import type { Millis } from '../../core/time.ts';
import { configurationObjects } from '../cluster-state.ts';
import { isManaged, type Managed } from '../managed.ts';
import type { Location } from '../manifest.ts';
import type { Wanted } from './wanted.ts';

export interface ConfigurationOutlook {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly change: 'new' | 'changed' | 'unchanged' | 'gone';
  /** Undefined for one that is gone. */
  readonly at: Location | undefined;
  readonly appliedBy: string | undefined;
  /** The whole message of admission; undefined where it is taken. */
  readonly refusal: string | undefined;
  /** The refusal is that Services would lose their addresses. */
  readonly disruptive: boolean;
  readonly warnings: readonly string[];
  /** Services that lose an address by it, whether it is refused or let through. */
  readonly losses: readonly Loss[];
}

export interface ConfigurationStep {
  readonly outlooks: readonly ConfigurationOutlook[];
  /** As it is afterwards: what was refused stays as it was. */
  readonly raw: RawConfiguration;
  readonly configuration: Configuration;
  /** What was stored after each change that was taken, in their order. */
  readonly steps: readonly RawConfiguration[];
}

export interface Ground {
  readonly raw: RawConfiguration;
  readonly ledger: Ledger;
  readonly now: Millis;
}

/** Applies what is wanted; deletions are the caller's to ask for by `removeConfiguration`, since they come last. */
export function applyConfiguration(wanted: Wanted, ground: Ground): ConfigurationStep {
  let { raw } = ground;
  const outlooks: ConfigurationOutlook[] = [];
  const steps: RawConfiguration[] = [];
  for (const { kind, manifest, object } of wanted.configuration) {
    const { name } = manifest;
    const old = raw[RAW_LIST[kind]].find(({ metadata }) => metadata.name === name);
    const merged = old === undefined ? object : over(object, old);
    const change = old === undefined ? 'new' : sameContent(merged, old) ? 'unchanged' : 'changed';
    const head = { kind, name, change, at: manifest.at, appliedBy: manifest.appliedBy } as const;
    if (change === 'unchanged') {
      outlooks.push({ ...head, refusal: undefined, disruptive: false, warnings: [], losses: [] });
      continue;
    }
    const answer = answerTo({ kind, name, object: merged, old }, raw, ground);
    outlooks.push({ ...head, ...answer });
    if (answer.refusal !== undefined) continue;
    raw = replaced(raw, kind, name, merged);
    steps.push(raw);
  }
  return {
    outlooks: outlooks.map((each) => advised(each, wanted, raw, ground.now)),
    raw,
    configuration: buildConfiguration(raw),
    steps,
  };
}

/** Advice is given on how it is in the end: what an object lacked on the way may have come after it. */
function advised(
  outlook: ConfigurationOutlook,
  wanted: Wanted,
  raw: RawConfiguration,
  now: Millis,
): ConfigurationOutlook {
  const { kind, name, change, refusal } = outlook;
  const written = wanted.configuration.find((each) => each.kind === kind && each.manifest.name === name);
  if (refusal !== undefined || change === 'unchanged' || written === undefined || outlook.warnings.length === 0)
    return outlook;
  const { warnings } = judge({ kind, name, object: written.object, old: undefined }, raw, now);
  const stays = new Set(warnings.map(problemSentence));
  return {
    ...outlook,
    warnings: outlook.warnings.filter((each) => stays.has(each) || each.startsWith('AddressReservation ')),
  };
}

/**
 * Removes what is no longer written, as a prune does after everything else. `onStep` is told of each configuration
 * that this leads to, and moves the ground's ledger as the controller would.
 */
export function removeConfiguration(
  wanted: Wanted,
  ground: Ground,
  managed: Managed,
  onStep: (configuration: Configuration) => void,
): ConfigurationStep {
  const kept = new Set(wanted.configuration.map(({ kind, manifest }) => `${kind}/${manifest.name}`));
  let { raw } = ground;
  const outlooks: ConfigurationOutlook[] = [];
  const steps: RawConfiguration[] = [];
  const gone = configurationObjects(raw)
    .filter(
      ({ kind, object }) =>
        !kept.has(`${kind}/${object.metadata.name}`) &&
        !isHoldDown(object) &&
        isManaged(managed, `${kind}/${object.metadata.name}`),
    )
    .sort((a, b) => compareText(`${a.kind} ${a.object.metadata.name}`, `${b.kind} ${b.object.metadata.name}`));
  for (const { kind, object: old } of gone) {
    const { name } = old.metadata;
    const answer = answerTo({ kind, name, object: undefined, old }, raw, ground);
    outlooks.push({ kind, name, change: 'gone', at: undefined, appliedBy: undefined, ...answer });
    if (answer.refusal !== undefined) continue;
    raw = replaced(raw, kind, name, undefined);
    steps.push(raw);
    onStep(buildConfiguration(raw));
  }
  return { outlooks, raw, configuration: buildConfiguration(raw), steps };
}

type Answer = Pick<ConfigurationOutlook, 'refusal' | 'disruptive' | 'warnings' | 'losses'>;

interface Change {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

function answerTo(change: Change, raw: RawConfiguration, { ledger, now }: Ground): Answer {
  const { kind, name, object, old } = change;
  const verdict = judge(change, raw, now);
  const { losses, overlays } = effectOf(change, raw, ledger, now);
  const warnings = [...verdict.warnings.map(problemSentence), ...overlays.map(overlayWarning)];
  if (verdict.errors.length > 0) {
    const { message } = configurationRefusal(kind, name, verdict.errors);
    return { refusal: message, disruptive: false, warnings, losses: [] };
  }
  const meant = ownField((object ?? old)?.metadata.annotations, ALLOW_DISRUPTION) === 'true';
  if (losses.length === 0 || meant) return { refusal: undefined, disruptive: false, warnings, losses };
  const { message } = disruptionRefusal(kind, name, object === undefined ? 'delete' : 'change', losses);
  return { refusal: message, disruptive: true, warnings, losses };
}

/** Only pools take addresses away, and only reservations lie over them. */
function effectOf({ kind, name, object, old }: Change, raw: RawConfiguration, ledger: Ledger, now: Millis): Effect {
  const shrinks = kind === 'IPAddressPool' && old !== undefined;
  const reserves = kind === 'AddressReservation' && object !== undefined;
  if (!shrinks && !reserves) return { losses: [], overlays: [] };
  const before = buildConfiguration(raw);
  ledger.configure(before, now);
  return effectOfChange(before, buildConfiguration(replaced(raw, kind, name, object)), ledger, now);
}

function replaced(
  raw: RawConfiguration,
  kind: ConfigKind,
  name: string,
  object: KubeObject | undefined,
): RawConfiguration {
  const list = RAW_LIST[kind];
  const others = raw[list].filter(({ metadata }) => metadata.name !== name);
  return { ...raw, [list]: object === undefined ? others : [...others, object] };
}

/** The object as written, with what the apiserver keeps of the present one. */
function over(object: KubeObject, old: KubeObject): KubeObject {
  const { uid, creationTimestamp, generation, deletionTimestamp } = old.metadata;
  const kept = Object.entries({ uid, creationTimestamp, generation, deletionTimestamp });
  const metadata = { ...object.metadata, ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
  return { ...object, metadata };
}

function sameContent(a: KubeObject, b: KubeObject): boolean {
  return contentText(a) === contentText(b);
}

/** Spec, labels and Berth's own annotations; what the apiserver fills in as it is absent counts as absent. */
function contentText(object: KubeObject): string {
  const { labels = {}, annotations = {} } = object.metadata;
  const own = Object.fromEntries(Object.entries(annotations).filter(([key]) => key.includes('berth.dev/')));
  return canonical([ownField(object, 'spec') ?? {}, labels, own]);
}

/** Fields that the kinds' schemas default, with the default. */
const DEFAULTS: Readonly<Record<string, unknown>> = { autoAssign: true, avoidBuggyIPs: false };

function canonical(value: unknown): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (Object.hasOwn(DEFAULTS, key) && each === DEFAULTS[key]) return undefined;
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([x], [y]) => compareText(x, y)));
  });
}

/** Written by the controller itself: no repository has it. */
export function isHoldDown(object: KubeObject): boolean {
  return object.kind === 'AddressReservation' && ownField(ownField(object, 'spec'), 'holdDown') === true;
}
