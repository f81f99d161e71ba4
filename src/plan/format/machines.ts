/** For other programs: JSON, JUnit, SARIF and the annotations of GitHub's log. */
import type { PlanReport } from '../forecast/report.ts';
import { addressText, type Finding, findingsOf } from './rows.ts';

/** The whole report. Keys are part of what Berth promises: they are only added to. */
export function renderJson(report: PlanReport): string {
  const value = {
    apiVersion: 'berth.dev/v1alpha1',
    kind: 'Plan',
    ...report,
    configuration: report.configuration.map(({ losses, ...rest }) => ({
      ...rest,
      losses: losses.map(({ service }) => service),
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** One test case a Service, one for each other finding that is an error. */
export function renderJunit(report: PlanReport): string {
  const cases: string[] = [];
  let failures = 0;
  for (const each of report.services) {
    const head = `    <testcase classname="services" name="${xml(each.service)}"`;
    if (each.answer === 'refused' || (each.loses.length > 0 && each.change !== 'gone')) {
      failures += 1;
      const text = each.message ?? `loses ${each.loses.join(', ')}: ${each.because}`;
      cases.push(
        `${head}>\n      <failure message="${xml(text.split('\n')[0] ?? '')}">${xml(text)}</failure>\n    </testcase>`,
      );
    } else
      cases.push(
        `${head}>\n      <system-out>${xml(`${each.answer} ${addressText(each)} ${each.because}`)}</system-out>\n    </testcase>`,
      );
  }
  const services = new Set(report.services.map(({ service }) => `Service ${service}`));
  for (const { level, subject, message, rule } of findingsOf(report)) {
    if (level !== 'error' || services.has(subject)) continue;
    failures += 1;
    cases.push(
      `    <testcase classname="${xml(rule)}" name="${xml(subject)}">\n      <failure message="${xml(message.split('\n')[0] ?? '')}">${xml(message)}</failure>\n    </testcase>`,
    );
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="berth plan" tests="${cases.length}" failures="${failures}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function xml(text: string): string {
  const marks: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\n': '&#10;',
  };
  // XML 1.0 has no way to write a control character.
  return text.replace(/[^\P{Cc}\t\r\n]/gu, '\uFFFD').replace(/[&<>"\n]/g, (mark) => marks[mark] ?? mark);
}

/** @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function renderSarif(report: PlanReport): string {
  const findings = findingsOf(report);
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort().map((id) => ({ id }));
  const sarif = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'berth plan', rules } }, results: findings.map(resultOf) }],
  };
  return `${JSON.stringify(sarif, null, 2)}\n`;
}

function resultOf({ level, rule, subject, message, at }: Finding): object {
  const region =
    at !== undefined && at.line > 0 ? { region: { startLine: at.line, startColumn: Math.max(1, at.column) } } : {};
  const uri = at === undefined ? undefined : encodeURI(at.file).replace(/^\//, 'file:///');
  return {
    ruleId: rule,
    level,
    message: { text: `${subject}: ${message}` },
    ...(uri !== undefined && { locations: [{ physicalLocation: { artifactLocation: { uri }, ...region } }] }),
  };
}

/** @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function renderGithub(report: PlanReport): string {
  const words = { error: 'error', warning: 'warning', note: 'notice' } as const;
  return findingsOf(report)
    .map(({ level, rule, subject, message, at }) => {
      const place =
        at === undefined
          ? ''
          : [`file=${property(at.file)}`, ...(at.line > 0 ? [`line=${at.line}`, `col=${at.column}`] : [])].join(',');
      const title = `title=${property(`berth plan: ${rule}`)}`;
      return `::${words[level]} ${[place, title].filter((each) => each !== '').join(',')}::${data(`${subject}: ${message}`)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
