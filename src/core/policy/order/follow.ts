/** Asks steps one after the other until one has the say, and writes down what each said. */
import { refusalSentence } from '../../status/refusal.ts';
import type { Ask } from '../ask.ts';
import type { Step } from '../decision.ts';
import type { Tried } from '../failure.ts';
import type { Answer, Rule } from './answer.ts';

export type Final = Exclude<Answer, { readonly kind: 'passed' }>;

export interface Followed {
  readonly rule: Step['rule'];
  readonly answer: Final;
}

/** Undefined where every step passed. */
export function follow(ask: Ask, rules: readonly Rule[], steps: Step[]): Followed | undefined {
  const tried: Tried[] = [];
  for (const rule of rules) {
    const answer = rule.answer(ask, tried);
    switch (answer.kind) {
      case 'passed':
        steps.push({ rule: rule.name, outcome: 'passed', sentence: answer.sentence });
        tried.push(...answer.tried);
        break;
      case 'chose':
        steps.push({ rule: rule.name, outcome: 'chose', sentence: answer.because });
        return { rule: rule.name, answer };
      case 'failed':
        steps.push({ rule: rule.name, outcome: 'refused', sentence: refusalSentence(answer.failure) });
        return { rule: rule.name, answer };
    }
  }
  return undefined;
}
