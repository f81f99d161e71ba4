/** What one step of the order says. */
import type { Address } from '../../net/address.ts';
import type { Ask } from '../ask.ts';
import type { Step } from '../decision.ts';
import type { Failure, Tried } from '../failure.ts';

export type Answer =
  /** Says nothing about this Service, or nothing that leads to an address: the next step is asked. */
  | { readonly kind: 'passed'; readonly sentence: string; readonly tried: readonly Tried[] }
  | {
      readonly kind: 'chose';
      readonly pool: string;
      readonly addresses: readonly Address[];
      readonly because: string;
      readonly tried: readonly Tried[];
    }
  /** Has the say, and says no: no later step is asked. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly tried: readonly Tried[] };

/** One step of the order of decision. `tried`: what earlier steps passed over. */
export interface Rule {
  readonly name: Step['rule'];
  readonly answer: (ask: Ask, tried: readonly Tried[]) => Answer;
}

export function passed(sentence: string, tried: readonly Tried[] = []): Answer {
  return { kind: 'passed', sentence, tried };
}

export function failed(failure: Failure, tried: readonly Tried[] = []): Answer {
  return { kind: 'failed', failure, tried };
}
