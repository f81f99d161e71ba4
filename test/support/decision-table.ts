/** Tables that read as a specification: a sentence, a world, a Service, and what comes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../src/core/policy/decide.ts';
import type { Decision } from '../../src/core/policy/decision.ts';
import { outcome, type ServiceSpec, service, type WorldSpec, worldOf } from './world.ts';

export interface Row {
  /** A plain sentence. */
  readonly name: string;
  readonly world: WorldSpec;
  readonly service: ServiceSpec;
  /** As `outcome` writes it. */
  readonly expect: string;
  /** Texts that the refusal, the wait or the reason must hold. */
  readonly says?: readonly string[];
  /** Texts that must appear nowhere in the decision. */
  readonly hides?: readonly string[];
  /** Texts that some warning must hold. */
  readonly warns?: readonly string[];
}

/** One test a row. */
export function decisions(rows: readonly Row[]): void {
  for (const row of rows) {
    test(row.name, () => {
      const decision = decide(service(row.service), worldOf(row.world));
      assert.equal(outcome(decision), row.expect, sentenceOf(decision));
      checkWords(decision, row);
    });
  }
}

function checkWords(decision: Decision, { says = [], hides = [], warns = [] }: Row): void {
  const sentence = sentenceOf(decision);
  for (const text of says) assert.ok(sentence.includes(text), `"${text}" is missing in: ${sentence}`);
  const all = JSON.stringify(decision, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  for (const text of hides) assert.ok(!all.includes(text), `"${text}" must not be told: ${all}`);
  const warnings = decision.warnings.join('\n');
  for (const text of warns) assert.ok(warnings.includes(text), `"${text}" is missing in the warnings: ${warnings}`);
}

/** The sentence that the author reads. */
export function sentenceOf(decision: Decision): string {
  return decision.kind === 'assigned' ? (decision.unmet?.message ?? decision.because) : decision.message;
}
