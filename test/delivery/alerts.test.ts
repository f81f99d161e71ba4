/** An alert on a metric that nobody has never fires. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricNames } from '../../src/telemetry/metric-names.ts';
import { kustomizeFolder, manifestsOf, project } from './built.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const [rules] = manifestsOf(readFileSync(join(kustomizeFolder, 'components/prometheus/alerts.yaml'), 'utf8'));
const alerts: readonly Alert[] = rules!.spec.groups.flatMap(({ rules: of }: { rules: readonly Alert[] }) => of);

/** Names that some part of Berth registers, not only declares. */
const sources = globSync('src/**/*.ts', { cwd: project, exclude: ['**/*.test.ts'] })
  .map((file) => readFileSync(join(project, file), 'utf8'))
  .join('\n');
const registered = new Set<string>(
  Object.entries(metricNames).flatMap(([key, name]) => (sources.includes(`metricNames.${key}`) ? [name] : [])),
);

test('each alert reads metrics that Berth registers', () => {
  assert.ok(alerts.length > 0);
  for (const { alert, expr } of alerts) {
    const names = expr.match(/\b(berth|metallb)_[a-z0-9_]+/g) ?? [];
    assert.ok(names.length > 0, `${alert} reads no metric`);
    for (const name of names) assert.ok(registered.has(name), `${alert} reads ${name}, which nothing registers`);
  }
});

test('each alert has a severity, a summary and something to do', () => {
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels.severity, /^(info|warning|critical)$/, alert);
    assert.ok(annotations.summary.length > 20 && annotations.description.length > 20, alert);
  }
});
