/**
 * The life of one address on one node: probe, announce, own, hand over, yield.
 * RFC 5227 for IPv4; the same course for IPv6, where RFC 4862 and RFC 4861
 * give the frames. Time is passed in.
 */
import { invariant } from '../invariant.ts';
import type { Millis } from '../time.ts';

/**
 * - `silent`: not ours;
 * - `probing`: ours to take; asks first whether somebody has it;
 * - `announcing`: answers, and tells everybody a few times;
 * - `owning`: answers, and tells again now and then;
 * - `handing-over`: another node shall have it; answers until that one does;
 * - `yielded`: a stranger has it; silent, and asks again later.
 */
export type Phase = 'silent' | 'probing' | 'announcing' | 'owning' | 'handing-over' | 'yielded';

export type ClaimEvent =
  /** This node was elected. `probe`: the old owner may live, or nothing is known of it. */
  | { readonly kind: 'elected'; readonly probe: boolean }
  /** Another node was elected; it will announce. `inSight`: that one is known to live, and will be heard. */
  | { readonly kind: 'moved'; readonly inSight: boolean }
  /** The address is announced no more, or this node can't. */
  | { readonly kind: 'withdrawn' }
  /** Somebody on the wire says that the address is his; `answer` is what the pool says to do about it. */
  | { readonly kind: 'contested'; readonly by: 'peer' | 'stranger'; readonly answer: 'Defend' | 'Yield' }
  /** Whom this node gave way to was a speaker that it didn't know yet. */
  | { readonly kind: 'cleared' }
  /** An interface came up or changed its hardware address. */
  | { readonly kind: 'link-changed' }
  | { readonly kind: 'time' };

export type ClaimAction = 'probe' | 'announce' | 'report-conflict';

export interface Claim {
  readonly phase: Phase;
  /** Probes or announcements sent in this phase. */
  readonly sent: number;
  /** When to call `step` with `time` again; undefined: not at all. */
  readonly wakeAt: Millis | undefined;
  readonly defendedAt: Millis | undefined;
}

export const SILENT: Claim = { phase: 'silent', sent: 0, wakeAt: undefined, defendedAt: undefined };

/** Which phases may follow, by event. A pair that is absent changes nothing. The diagram in docs/ is drawn from it. */
export const TRANSITIONS: Readonly<Record<Phase, Readonly<Partial<Record<ClaimEvent['kind'], readonly Phase[]>>>>> = {
  silent: { elected: ['probing', 'announcing'] },
  probing: {
    time: ['probing', 'announcing'],
    contested: ['announcing', 'yielded'],
    moved: ['silent'],
    withdrawn: ['silent'],
  },
  announcing: {
    time: ['announcing', 'owning'],
    contested: ['announcing', 'yielded'],
    'link-changed': ['announcing'],
    moved: ['handing-over'],
    withdrawn: ['silent'],
  },
  owning: {
    time: ['owning'],
    contested: ['owning', 'yielded'],
    'link-changed': ['announcing'],
    moved: ['handing-over'],
    withdrawn: ['silent'],
  },
  'handing-over': { contested: ['silent'], time: ['silent'], elected: ['announcing'], withdrawn: ['silent'] },
  yielded: { time: ['probing'], cleared: ['probing'], moved: ['silent'], withdrawn: ['silent'] },
};

/** RFC 5227 has 3 probes 1 to 2 s apart; on a switched LAN an owner answers within milliseconds. */
const PROBES = 3;
const PROBE_EVERY_MS = 100;
/** After the start of announcing: a lost frame, a switch that learns late. */
const ANNOUNCE_AT_MS = [0, 50, 150, 500] as const;
/** Keeps switches' tables warm, and mends a cache that something else spoilt. */
export const REFRESH_EVERY_MS = 60_000;
/** DEFEND_INTERVAL of RFC 5227, section 1.1: two defenders must not storm. */
const DEFEND_EVERY_MS = 10_000;
/** Where speakers don't hear each other: a new owner's announcement comes within milliseconds, or was lost. */
const HAND_OVER_WITHIN_MS = 1_000;
/** RATE_LIMIT_INTERVAL of RFC 5227, section 1.1. */
const RETRY_EVERY_MS = 60_000;

/** Whether questions for the address are answered in this phase. */
export function answers(claim: Claim): boolean {
  switch (claim.phase) {
    case 'announcing':
    case 'owning':
    case 'handing-over':
      return true;
    case 'silent':
    case 'probing':
    case 'yielded':
      return false;
  }
}

/** The next state, and what to do now. */
export function step(
  claim: Claim,
  event: ClaimEvent,
  now: Millis,
  refreshEveryMs: Millis = REFRESH_EVERY_MS,
): { readonly claim: Claim; readonly actions: readonly ClaimAction[] } {
  if (event.kind === 'time' && (claim.wakeAt === undefined || now < claim.wakeAt)) return stay(claim);
  const allowed = TRANSITIONS[claim.phase][event.kind];
  if (allowed === undefined) return stay(claim);
  const next = keepFresh(follow(claim, event, now), now, refreshEveryMs);
  invariant(allowed.includes(next.claim.phase), `${claim.phase} + ${event.kind} must not lead to ${next.claim.phase}`);
  return next;
}

type Step = ReturnType<typeof step>;

function follow(claim: Claim, event: ClaimEvent, now: Millis): Step {
  switch (event.kind) {
    case 'elected':
      return event.probe && claim.phase === 'silent' ? probe(0, now) : announce(claim, 0, now);
    case 'moved':
      if (!answers(claim)) return { claim: SILENT, actions: [] };
      return enter('handing-over', event.inSight ? undefined : now + HAND_OVER_WITHIN_MS);
    case 'withdrawn':
      return { claim: SILENT, actions: [] };
    case 'link-changed':
      return announce(claim, 0, now);
    case 'cleared':
      return probe(0, now);
    case 'contested':
      return contest(claim, event, now);
    case 'time':
      return proceed(claim, now);
  }
}

function proceed(claim: Claim, now: Millis): Step {
  switch (claim.phase) {
    case 'probing':
      return claim.sent < PROBES ? probe(claim.sent, now) : announce(claim, 0, now);
    case 'announcing':
      return announce(claim, claim.sent, now);
    case 'owning':
      return { claim: { ...claim, wakeAt: now }, actions: ['announce'] };
    case 'handing-over':
      return { claim: SILENT, actions: [] };
    case 'yielded':
      return probe(0, now);
    case 'silent':
      return stay(claim);
  }
}

function contest(claim: Claim, event: Extract<ClaimEvent, { kind: 'contested' }>, now: Millis): Step {
  // The successor speaks, or a stranger settles who has it: either way this node is done.
  if (claim.phase === 'handing-over') return { claim: SILENT, actions: [] };
  // Another speaker that lags behind; epochs between speakers decide, not frames.
  if (event.by === 'peer') return claim.phase === 'probing' ? announce(claim, 0, now) : defend(claim, now, []);
  if (claim.phase === 'probing' || event.answer === 'Yield') {
    return { claim: { ...SILENT, phase: 'yielded', wakeAt: now + RETRY_EVERY_MS }, actions: ['report-conflict'] };
  }
  return defend(claim, now, ['report-conflict']);
}

/** Announces once more, unless that was done a moment ago (RFC 5227, section 2.4 (c)); reports at the same rate. */
function defend(claim: Claim, now: Millis, actions: readonly ClaimAction[]): Step {
  if (claim.defendedAt !== undefined && now - claim.defendedAt < DEFEND_EVERY_MS) return stay(claim);
  return { claim: { ...claim, defendedAt: now }, actions: [...actions, 'announce'] };
}

/** An owner that has just announced does so again after a while. */
function keepFresh(next: Step, now: Millis, refreshEveryMs: Millis): Step {
  const { claim, actions } = next;
  if (claim.phase !== 'owning' || !actions.includes('announce')) return next;
  return { claim: { ...claim, wakeAt: now + refreshEveryMs }, actions };
}

function probe(sent: number, now: Millis): Step {
  const claim: Claim = { phase: 'probing', sent: sent + 1, wakeAt: now + PROBE_EVERY_MS, defendedAt: undefined };
  return { claim, actions: ['probe'] };
}

function announce(claim: Claim, sent: number, now: Millis): Step {
  const at = ANNOUNCE_AT_MS[sent] ?? 0;
  const following = ANNOUNCE_AT_MS[sent + 1];
  const next: Claim =
    following === undefined
      ? { phase: 'owning', sent: 0, wakeAt: now, defendedAt: claim.defendedAt }
      : { phase: 'announcing', sent: sent + 1, wakeAt: now + following - at, defendedAt: claim.defendedAt };
  return { claim: next, actions: ['announce'] };
}

function enter(phase: Phase, wakeAt: Millis | undefined): Step {
  return { claim: { ...SILENT, phase, wakeAt }, actions: [] };
}

function stay(claim: Claim): Step {
  return { claim, actions: [] };
}
