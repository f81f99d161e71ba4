import type { Ask } from './ask.ts';
import type { Failure } from './failure.ts';

/** What makes a request unanswerable before any rule is asked: it isn't allocated anew, and loses nothing it holds. */
export function malformed(ask: Ask): Failure | undefined {
  const { request } = ask;
  const errors = request.problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) return { kind: 'invalid-request', problems: errors };
  const [family] = request.families;
  if (family === undefined || request.familyPolicy !== 'RequireDualStack' || request.families.length > 1) {
    return undefined;
  }
  return { kind: 'one-family-only', family };
}
