/** What is wrong with one object, in terms its author can act on. */
export interface Problem {
  /** `error`: the object can't have effect as written; `warning`: legal and unwise. */
  readonly severity: 'error' | 'warning';
  /** Path of the field, as kubectl explain spells it: `spec.addresses[0]`. */
  readonly path: string;
  /** The offending value, shortened and with control characters escaped. */
  readonly value: string;
  /** What is wrong: current state, wanted state; no full stop. */
  readonly message: string;
  /** What to write instead; an imperative sentence without a full stop. */
  readonly remedy: string;
}
