import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LeaseApiserver, leaseApiserver } from '../../test/support/kube/lease-apiserver.ts';
import { createLogger } from '../telemetry/logger.ts';
import { LeaderLease, type Term } from './lease.ts';

const log = createLogger({ component: 'test', level: 'silent' });

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `in time: ${what}`);
    await sleep(2);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** One candidate, with short spans; `clock` may be set to stand still or jump. */
class Candidate {
  readonly name: string;
  readonly lease: LeaderLease;
  readonly terms: Term[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  skipMs = 0;

  constructor(apiserver: LeaseApiserver, name: string, lead?: (term: Term) => Promise<void>) {
    this.name = name;
    this.lease = new LeaderLease({
      client: apiserver.client(name),
      namespace: 'metallb-system',
      name: 'berth-controller',
      identity: name,
      log,
      durationMs: 3_000,
      renewDeadlineMs: 2_000,
      retryMs: 100,
      monotonicMs: () => performance.now() + this.skipMs,
    });
    this.#done = this.lease.run(this.#stop.signal, async (term) => {
      this.terms.push(term);
      await (lead ?? ((each: Term) => untilAborted(each.stopping)))(term);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

describe('leader lease', () => {
  let apiserver: LeaseApiserver;
  let candidates: Candidate[] = [];
  const candidate = (name: string, lead?: (term: Term) => Promise<void>): Candidate => {
    const made = new Candidate(apiserver, name, lead);
    candidates.push(made);
    return made;
  };
  const holder = (): string | undefined => apiserver.lease()?.spec?.holderIdentity;

  beforeEach(async () => {
    apiserver = await leaseApiserver();
  });
  afterEach(async () => {
    await Promise.all(candidates.map((each) => each.stop()));
    candidates = [];
    await apiserver.close();
  });

  it('is taken by the first, and by the second as soon as the first gives it back', async () => {
    const a = candidate('a');
    await until(() => a.lease.isLeader(), 'a leads');
    const b = candidate('b');
    await sleep(300);
    assert.ok(!b.lease.isLeader());
    await a.stop();
    assert.ok(!a.lease.isLeader());
    await until(() => b.lease.isLeader(), 'b leads');
    assert.equal(holder(), 'b');
    assert.equal(apiserver.lease()?.spec?.leaseTransitions, 1);
  });

  it('is given back only after what the leader had under way has ended', async () => {
    const gate = Promise.withResolvers<void>();
    const a = candidate('a', async (term) => {
      await untilAborted(term.stopping);
      assert.ok(!term.signal.aborted, 'what is under way may end');
      await gate.promise;
    });
    await until(() => a.lease.isLeader(), 'a leads');
    const stopped = a.stop();
    await sleep(300);
    assert.equal(holder(), 'a');
    gate.resolve();
    await stopped;
    assert.equal(holder(), '');
  });

  it('ends for a leader that is cut off before another can take it, and never have two of them the right to write', async () => {
    const a = candidate('a');
    await until(() => a.lease.isLeader(), 'a leads');
    const b = candidate('b');
    let both = 0;
    const watcher = setInterval(() => {
      if (a.lease.isLeader() && b.lease.isLeader()) both++;
    }, 1);
    for (let round = 0; round < 3; round++) {
      const [leader, other] = a.lease.isLeader() ? [a, b] : [b, a];
      apiserver.cut(leader.name);
      await until(() => other.lease.isLeader(), `${other.name} leads`);
      assert.ok(!leader.lease.isLeader());
      assert.ok(leader.terms.at(-1)?.signal.aborted, 'its writes were told to stop');
      apiserver.heal(leader.name);
    }
    clearInterval(watcher);
    assert.equal(both, 0);
  });

  it('is over for a process that was frozen, before its timers say so', async () => {
    const a = candidate('a');
    await until(() => a.lease.isLeader(), 'a leads');
    const term = a.terms[0] ?? assert.fail('no term');
    assert.ok(term.mayWrite());
    a.skipMs = 2_500;
    assert.ok(!term.mayWrite());
    assert.ok(!a.lease.isLeader());
  });

  it('is lost at once to somebody who took it all the same', async () => {
    const a = candidate('a');
    await until(() => a.lease.isLeader(), 'a leads');
    apiserver.touch((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }));
    await until(() => a.terms[0]?.signal.aborted === true, 'a has lost it');
    assert.equal(holder(), 'thief');
  });

  it('is kept when somebody only labels it', async () => {
    const a = candidate('a');
    await until(() => a.lease.isLeader(), 'a leads');
    apiserver.touch((lease) => ({ ...lease, metadata: { ...lease.metadata, labels: { x: 'y' } } }));
    const renewed = apiserver.lease()?.spec?.renewTime;
    await until(() => apiserver.lease()?.spec?.renewTime !== renewed, 'renewed again');
    assert.equal(a.terms.length, 1);
    assert.deepEqual(apiserver.lease()?.metadata.labels, { x: 'y' });
  });

  it('is taken again by a leader whose work failed', async () => {
    let terms = 0;
    const lead = async (term: Term): Promise<void> => {
      terms++;
      await untilAborted(term.stopping);
    };
    const a = candidate('a', lead);
    await until(() => terms === 1, 'first term');
    apiserver.cut('a');
    await until(() => a.terms[0]?.signal.aborted === true, 'first term lost');
    apiserver.heal('a');
    await until(() => terms === 2, 'second term');
    assert.ok(a.terms[1]?.mayWrite());
    assert.ok(!a.terms[0]?.mayWrite());
  });
});
