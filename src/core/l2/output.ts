/** What the engine asks its shell to do, in order. */
import type { Mac } from '../net/mac.ts';
import type { OwnerRecord } from '../wire/speaker-message.ts';
import type { LinkChoice } from './link.ts';

/** Why this node says nothing for an address that the plan names. */
export type Silence =
  /** Another node was elected. */
  | 'Elsewhere'
  /** This node is no candidate. */
  | 'NotCandidate'
  /** Nobody is: see the plan's standings. */
  | 'NoCandidate'
  | Extract<LinkChoice, { kind: 'none' }>['reason']
  /** A stranger has it. */
  | 'Yielded'
  /** Still asking whether somebody has it. */
  | 'Probing'
  /** This speaker has just started, or was away, and listens first. */
  | 'Joining';

/** How an address came to this node. */
export type Cause =
  /** Nobody announced it before. */
  | 'New'
  /** Its announcer died. */
  | 'OwnerDied'
  /** Its announcer said goodbye. */
  | 'OwnerLeft'
  /** Its announcer lives and hands it over. */
  | 'Moved'
  /** It was announced here before: an interface came back, a stranger gave way. */
  | 'Regained';

export type Output =
  /** The addresses worth hearing of changed: renew filters and groups. Goes before all frames. */
  | { readonly kind: 'listen' }
  | { readonly kind: 'send'; readonly link: number; readonly frame: Uint8Array }
  /** Ownership changed here: tell the other speakers, after the frames before it were sent. */
  | { readonly kind: 'own'; readonly records: readonly OwnerRecord[] }
  /** One of them lags behind. */
  | { readonly kind: 'inform'; readonly node: string; readonly records: readonly OwnerRecord[] }
  | { readonly kind: 'report'; readonly report: Report };

export type Report =
  | {
      readonly kind: 'announcing';
      readonly address: string;
      readonly interfaces: readonly string[];
      readonly cause: Cause;
      /** Who announced it before. */
      readonly from: string | undefined;
      /** For how long that one had been silent; undefined where it wasn't. */
      readonly silentMs: number | undefined;
    }
  | { readonly kind: 'silent'; readonly address: string; readonly reason: Silence; readonly owner: string | undefined }
  /** No more in the plan. */
  | { readonly kind: 'forgotten'; readonly address: string }
  /** A stranger claims it. */
  | { readonly kind: 'conflict'; readonly address: string; readonly mac: Mac; readonly interface: string }
  /** Announced, though no subnet of the node holds it. */
  | { readonly kind: 'off-subnet'; readonly address: string; readonly interfaces: readonly string[] };
