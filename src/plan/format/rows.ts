/** What every format says in the same words. */
import { count } from '../../core/status/text.ts';
import type { PlanReport, PoolOutlook, PoolUse, ServiceOutlook } from '../forecast/report.ts';
import type { Location, SourceProblem } from '../manifest.ts';

/** One thing to look at, whatever it comes from; what sarif, junit and annotations list. */
export interface Finding {
  readonly level: 'error' | 'warning' | 'note';
  readonly rule: string;
  /** What it is about: `Service team-a/web`. */
  readonly subject: string;
  readonly message: string;
  readonly at: Location | undefined;
}

/** Refusals, losses, destructive edits, faults, order traps, warnings and advice; the gravest first, then by place. */
export function findingsOf(report: PlanReport): readonly Finding[] {
  const found: Finding[] = [];
  for (const service of report.services) found.push(...ofService(service));
  for (const { kind, name, at, refusal, disruptive, warnings, losses } of report.configuration) {
    const subject = `${kind} ${name}`;
    if (refusal !== undefined)
      found.push({
        level: 'error',
        rule: disruptive ? 'would-disrupt' : 'invalid-configuration',
        subject,
        message: refusal,
        at,
      });
    else if (losses.length > 0) {
      const message = `takes addresses from ${count(losses.length, 'Service')}, as its annotation allows`;
      found.push({ level: 'error', rule: 'disrupts', subject, message, at });
    }
    for (const message of warnings) found.push({ level: 'warning', rule: 'configuration', subject, message, at });
  }
  for (const wish of report.wishes) {
    if (wish.answer !== 'refused') continue;
    found.push({
      level: 'error',
      rule: 'wish',
      subject: `${wish.in} ${wish.path}`,
      message: wish.because,
      at: wish.at,
    });
  }
  for (const problem of report.findings) found.push(ofProblem(problem));
  const rank = { error: 0, warning: 1, note: 2 } as const;
  return found.sort(
    (a, b) =>
      rank[a.level] - rank[b.level] ||
      comparePlace(a.at, b.at) ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  );
}

function ofProblem({ severity, rule, at, message }: SourceProblem): Finding {
  return { level: severity, rule, subject: at.file, message, at };
}

function ofService({
  service,
  at,
  answer,
  message,
  because,
  warnings,
  loses,
  change,
  addresses,
  reason,
}: ServiceOutlook): readonly Finding[] {
  const subject = `Service ${service}`;
  const found: Finding[] = warnings.map((each) => ({ level: 'warning', rule: 'service', subject, message: each, at }));
  if (answer === 'refused')
    found.push({ level: 'error', rule: reason ?? 'refused', subject, message: message ?? because, at });
  if (answer === 'waits') found.push({ level: 'warning', rule: reason ?? 'waits', subject, message: because, at });
  if (answer === 'unknown') found.push({ level: 'note', rule: 'unknown', subject, message: because, at });
  if (loses.length > 0 && change !== 'gone') {
    const then = addresses.length > 0 ? `gets ${addresses.join(', ')} instead` : 'has none then';
    found.push({
      level: 'error',
      rule: 'loses-address',
      subject,
      message: `loses ${loses.join(', ')} and ${then}: ${because}`,
      at,
    });
  }
  return found;
}

function comparePlace(a: Location | undefined, b: Location | undefined): number {
  return compare(a?.file ?? '', b?.file ?? '') || (a?.line ?? 0) - (b?.line ?? 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `10.0.0.5`, `10.0.0.5 → 10.0.0.9`, or why none can be named. */
export function addressText({ addresses, before, change, open, answer }: ServiceOutlook): string {
  if (change === 'gone') return before.length === 0 ? '' : `gives up ${before.join(', ')}`;
  const after = addresses.length > 0 ? addresses.join(', ') : (open ?? (answer === 'waits' ? 'none yet' : 'none'));
  const same = [...before].sort().join() === [...addresses].sort().join();
  return before.length === 0 || same ? after : `${before.join(', ')} → ${after}`;
}

/** `3 of 16`, `3 of 16 → 5 of 16`, `new`, `gone`. */
export function poolText({ before, after }: PoolOutlook): string {
  if (before === undefined) return `${useText(after)} (new)`;
  if (after === undefined) return `${useText(before)} → gone`;
  const [was, is] = [useText(before), useText(after)];
  return was === is ? is : `${was} → ${is}`;
}

function useText(use: PoolUse | undefined): string {
  if (use === undefined) return 'none';
  return `${use.used} of ${use.total}${use.reserved === '0' ? '' : ` (${use.reserved} reserved)`}`;
}

/** `12 Services: 9 allowed, 1 waits, 1 refused, 1 unknown`. */
export function summaryOf({ services }: PlanReport): string {
  const staying = services.filter(({ change }) => change !== 'gone');
  const gone = services.length - staying.length;
  const number = (answer: ServiceOutlook['answer']): number => staying.filter((each) => each.answer === answer).length;
  const waiting = number('waits');
  const parts = [
    `${number('allowed')} allowed`,
    ...(waiting === 0 ? [] : [`${waiting} ${waiting === 1 ? 'waits' : 'wait'}`]),
    `${number('refused')} refused`,
    `${number('unknown')} unknown until the cluster`,
    ...(gone === 0 ? [] : [`${gone} gone`]),
  ];
  return `${count(staying.length, 'LoadBalancer Service')}: ${parts.join(', ')}`;
}
