/** For a terminal. */

import type { PlanReport } from '../forecast/report.ts';
import { placeText } from '../manifest.ts';
import { addressText, type Finding, findingsOf, poolText, summaryOf } from './rows.ts';

const MARKS: Readonly<Record<Finding['level'], string>> = { error: 'x', warning: '!', note: '-' };

export function renderTable(report: PlanReport): string {
  const parts = [summaryOf(report)];
  if (report.services.length > 0) {
    const rows = report.services.map((each) => [
      each.service,
      each.change,
      each.answer,
      each.pool ?? '',
      addressText(each),
      each.because,
    ]);
    parts.push(aligned([['SERVICE', 'CHANGE', 'ANSWER', 'POOL', 'ADDRESS', 'BECAUSE'], ...rows]));
  }
  if (report.wishes.length > 0) {
    const rows = report.wishes.map((each) => [
      placeText(each.at),
      each.in,
      each.path,
      each.addresses.join(','),
      each.pool ?? '',
      each.sharingKey ?? '',
      each.answer,
      each.because,
    ]);
    parts.push(
      `Wishes outside of plain Services (what makes Services of them is not run here):\n${aligned([['PLACE', 'IN', 'PATH', 'ADDRESS', 'POOL', 'KEY', 'ANSWER', 'BECAUSE'], ...rows])}`,
    );
  }
  const changed = report.configuration.filter(({ change }) => change !== 'unchanged');
  if (changed.length > 0) {
    const rows = changed.map(({ kind, name, change, refusal }) => [
      `${kind} ${name}`,
      change,
      refusal === undefined ? 'allowed' : 'refused',
    ]);
    parts.push(aligned([['CONFIGURATION', 'CHANGE', 'ANSWER'], ...rows]));
  }
  if (report.pools.length > 0) {
    parts.push(
      aligned([['POOL', 'FAMILY', 'IN USE'], ...report.pools.map((each) => [each.pool, each.family, poolText(each)])]),
    );
  }
  if (report.quotas.length > 0) {
    const rows = report.quotas.map(({ policy, namespace, counted, before, after, limit }) => [
      policy,
      namespace,
      counted,
      before === after ? `${after} of ${limit}` : `${before} → ${after} of ${limit}`,
    ]);
    parts.push(aligned([['QUOTA', 'NAMESPACE', 'COUNTED', 'IN USE'], ...rows]));
  }
  const findings = findingsOf(report);
  if (findings.length > 0) parts.push(findings.map(findingText).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function findingText({ level, at, subject, message, rule }: Finding): string {
  const place = at === undefined ? '' : `${placeText(at)}: `;
  const about = at !== undefined && subject === at.file ? '' : `${subject}: `;
  return `${MARKS[level]} ${place}${about}${message.replaceAll('\n', '\n    ')} [${rule}]`;
}

/** Columns as wide as they must be; the last one runs free. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
