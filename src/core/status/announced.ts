/** The condition `berth.dev/Announced` of a Service: who answers for its addresses on the local network, and if nobody, why. */
import type { Candidate, Standing } from '../announce/candidate.ts';
import type { Omission } from '../announce/plan.ts';
import type { Condition } from '../api/kubernetes.ts';
import { ANNOUNCED_CONDITION, EXCLUDE_FROM_LOAD_BALANCERS } from '../api/names.ts';
import type { Stay, Verdict } from '../policy/move.ts';
import { inOneLine, list, quote } from './text.ts';

/** A node that answers for an address, as its speaker reports. */
export interface Announcer {
  readonly node: string;
  readonly interfaces: readonly string[];
  /** RFC 3339. */
  readonly since: string;
}

/** A host outside the cluster that claims an address, and the node that saw it. */
export interface Contestant {
  readonly mac: string;
  readonly interface: string;
  readonly seenBy: string;
  /** Whether that node has never answered for the address. */
  readonly unannounced: boolean;
}

export interface AnnouncedAddress {
  readonly address: string;
  readonly pool: string;
  readonly announcer: Announcer | undefined;
  readonly contestants: readonly Contestant[];
  /** What is done about them; undefined where the pool doesn't say Move. */
  readonly verdict: Verdict | undefined;
  /** Why it is in no plan; undefined where it is. */
  readonly omission: Exclude<Omission, 'ForeignClass'> | undefined;
  /** Nodes that may announce it. */
  readonly candidates: readonly Pick<Candidate, 'node'>[];
  /** Why the others may not. */
  readonly standings: ReadonlyMap<string, Standing>;
}

export type AnnouncedContent = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** What the condition says; undefined for a Service without addresses: there is nothing to announce. */
export function announcedContent(addresses: readonly AnnouncedAddress[]): AnnouncedContent | undefined {
  if (addresses.length === 0) return undefined;
  const silent = addresses.filter((each) => each.announcer === undefined);
  const contested = addresses.some((each) => each.contestants.length > 0);
  // What the author can do something about goes first.
  const sentences = [
    ...addresses.flatMap(conflictSentences),
    ...group(
      silent.filter((each) => each.contestants.length === 0).map((each) => [silentSentence(each), each.address]),
    ),
    ...group(addresses.flatMap(announcedSentence)),
  ];
  const [first] = silent;
  const silentReason = first === undefined ? 'Announced' : reasonOf(first);
  return {
    type: ANNOUNCED_CONDITION,
    status: first === undefined ? 'True' : 'False',
    reason: contested ? 'Conflict' : silentReason,
    message: sentences.join('. '),
  };
}

/** Addresses of which the same is said share a sentence. */
function group(said: readonly (readonly [sentence: string, address: string])[]): readonly string[] {
  const bySentence = Map.groupBy(said, ([sentence]) => sentence);
  return [...bySentence].map(([sentence, all]) => `${list(all.map(([, address]) => address))} ${sentence}`);
}

function announcedSentence({ address, announcer }: AnnouncedAddress): readonly (readonly [string, string])[] {
  if (announcer === undefined) return [];
  const { node, interfaces, since } = announcer;
  return [[`announced by node ${quote(node)} on ${list(interfaces)} since ${since}`, address]];
}

function conflictSentences({ address, pool, announcer, contestants, verdict }: AnnouncedAddress): readonly string[] {
  return contestants.map(({ mac, interface: name, seenBy }) => {
    const head = `${address} is claimed by another host, ${mac} on ${name} of node ${quote(seenBy)}`;
    if (announcer !== undefined) return `${head}; node ${quote(announcer.node)} defends it; ${FIND}`;
    return `${head}; the node gives way and asks again every minute; ${whatFollows(verdict, pool)}`;
  });
}

const FIND = 'find that host and give it another address';

function whatFollows(verdict: Verdict | undefined, pool: string): string {
  if (verdict === undefined) return FIND;
  return verdict.kind === 'move' ? 'the Service is about to get another address' : staysSentence(verdict.why, pool);
}

function staysSentence(why: Stay, pool: string): string {
  switch (why) {
    case 'Announced':
      return `the Service is not moved, since clients may know this address; ${FIND}`;
    case 'Requested':
      return `the Service is not moved, since it asks for this address; ${FIND}, or ask for another one`;
    case 'Reserved':
      return `the Service is not moved, since an AddressReservation keeps this address for it; ${FIND}, or reserve another one`;
    case 'Shared':
      return `the Service is not moved, since others share this address with it; ${FIND}`;
    case 'TooMany':
      return `the Service is not moved, since so many addresses of pool ${quote(pool)} are set aside already that this is no chance; take what other hosts use out of the pool`;
    case 'NoOther':
      return `the Service is not moved, since pool ${quote(pool)} has no other address for it; ${FIND}, or give the pool more addresses`;
  }
}

function reasonOf({ omission, candidates, standings }: AnnouncedAddress): string {
  if (omission !== undefined) return omission;
  if (candidates.length > 0) return 'NoAnnouncer';
  return leading(standings) ?? 'NoNode';
}

/** The reason that its author can do most about. */
function leading(standings: ReadonlyMap<string, Standing>): Standing | undefined {
  const order: readonly Standing[] = ['NoLocalEndpoint', 'NotSelected', 'Excluded', 'NetworkUnavailable'];
  const present = new Set(standings.values());
  return order.find((each) => present.has(each));
}

function silentSentence({ pool, omission, candidates, standings }: AnnouncedAddress): string {
  const head = 'announced by nobody:';
  switch (omission) {
    case 'NotAdvertised':
      return `${head} no L2Advertisement covers pool ${quote(pool)} and this Service; add one, or widen the selectors of one that is there`;
    case 'NoPool':
      return `${head} no pool holds it; delete the Service's status or restore the pool that gave it`;
    case 'MalformedAddress':
      return `${head} it is no address; remove it from the Service's status`;
    case undefined:
      break;
  }
  if (candidates.length > 0) {
    const names = list(candidates.map(({ node }) => quote(node)));
    return `${head} ${names} may and ${candidates.length === 1 ? 'does' : 'do'} not; see that a speaker runs there, and that an interface of the L2Advertisement is up`;
  }
  const lead = leading(standings);
  if (lead === undefined) return `${head} the cluster has no node; add one`;
  return `${head} ${inOneLine(passedOver(standings))}; ${remedyFor(lead)}`;
}

/** Each reason once, with its nodes. */
function passedOver(standings: ReadonlyMap<string, Standing>): readonly string[] {
  const byStanding = Map.groupBy(standings, ([, standing]) => standing);
  return [...byStanding].map(
    ([standing, nodes]) => `${list(nodes.map(([node]) => quote(node)))} ${verdict(standing, nodes.length > 1)}`,
  );
}

function verdict(standing: Standing, many: boolean): string {
  switch (standing) {
    case 'NoLocalEndpoint':
      return `${many ? 'have' : 'has'} no ready endpoint (externalTrafficPolicy: Local)`;
    case 'NotSelected':
      return `${many ? 'are' : 'is'} not selected by any L2Advertisement of the pool`;
    case 'Excluded':
      return `${many ? 'carry' : 'carries'} the label ${EXCLUDE_FROM_LOAD_BALANCERS}`;
    case 'NetworkUnavailable':
      return `${many ? 'have' : 'has'} no network yet`;
    case 'Cordoned':
      return `${many ? 'are' : 'is'} cordoned`;
    case 'NotReady':
      return `${many ? 'are' : 'is'} not ready`;
  }
}

function remedyFor(standing: Standing): string {
  switch (standing) {
    case 'NoLocalEndpoint':
      return 'get a pod of the Service ready on a node that may announce, or set externalTrafficPolicy: Cluster';
    case 'NotSelected':
      return 'widen the nodeSelectors of an L2Advertisement';
    case 'Excluded':
      return 'remove the label from a node';
    case 'NetworkUnavailable':
    case 'Cordoned':
    case 'NotReady':
      return 'repair a node';
  }
}
