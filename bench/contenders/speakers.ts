/** Whose speakers announce on a lab's nodes: Berth's own, or the peer's. */
import type { Lab } from '../../lab/lab.ts';
import { peerSpeaker } from './metallb-speaker.ts';

/** What is known of them, and how often each blow falls. */
export interface Speakers {
  readonly daemonSet: string;
  readonly selector: string;
  /** From when a node is whole again until it could take over again. */
  readonly backAfterMs: number;
  readonly rounds: { readonly cut: number; readonly kill: number; readonly off: number };
}

/** `quick`: to try the benchmark itself. */
export function berthSpeakers(quick: boolean): Speakers {
  const rounds = quick ? { cut: 3, kill: 1, off: 1 } : { cut: 20, kill: 5, off: 3 };
  return { daemonSet: 'speaker', selector: 'component=speaker', backAfterMs: 3_000, rounds };
}

/** Fewer blows: each costs seconds. */
export function peerSpeakers(quick: boolean): Speakers {
  const rounds = quick ? { cut: 1, kill: 1, off: 1 } : { cut: 5, kill: 3, off: 1 };
  return { ...peerSpeaker, backAfterMs: 15_000, rounds };
}

/** Waits until a speaker runs on every node. */
export async function ready(lab: Lab, { daemonSet }: Speakers): Promise<void> {
  await lab.kubectl(['rollout', 'status', `daemonset/${daemonSet}`, '-n', 'metallb-system', '--timeout=180s']);
}

/** The name of a node's speaker pod. */
export async function podOn(lab: Lab, { selector }: Speakers, node: string): Promise<string> {
  const on = ['-l', selector, '--field-selector', `spec.nodeName=${node}`, '-o', 'jsonpath={.items[0].metadata.name}'];
  return (await lab.kubectl(['get', 'pods', '-n', 'metallb-system', ...on])).trim();
}
