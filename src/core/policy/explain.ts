/** The steps of a decision as lines that a person reads. */

import { outcomeLine } from '../status/outcome-line.ts';
import type { Decision, Step } from './decision.ts';

const marks: Readonly<Record<Step['outcome'], string>> = { chose: '→', passed: '·', refused: '✗' };

/** One line a step, in the order the rules were asked, then candidates, then the outcome. */
export function explain(decision: Decision): readonly string[] {
  const steps = decision.steps.map((step) => `${marks[step.outcome]} ${step.rule}: ${step.sentence}`);
  const fault = decision.kind === 'assigned' ? decision.unmet : decision;
  const candidates = (fault?.candidates ?? []).map(({ pool, because }) => `  - pool "${pool}": ${because}`);
  return [...steps, ...candidates, outcomeLine(decision)];
}
