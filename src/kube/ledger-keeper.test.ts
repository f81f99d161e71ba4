import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Claim, Ledger } from '../core/ipam/ledger.ts';
import { type Address, formatAddress } from '../core/net/address.ts';
import { type ClaimChange, LedgerKeeper, type Sight } from './ledger-keeper.ts';

const address = (number: number): Address => ({ family: 'IPv4', value: 0xc0000200n + BigInt(number) });
const claim = (key: string, uid: string, addresses: readonly Address[]): Claim => ({
  key,
  namespace: key.split('/')[0] ?? '',
  name: key.split('/')[1] ?? '',
  uid,
  createdAt: '2026-01-01T00:00:00Z',
  addresses,
  pool: undefined,
  sharingKey: undefined,
  ports: [],
  trafficPolicy: 'Cluster',
  backends: '',
});
const sight = (key: string, uid: string, version: number, addresses: readonly Address[]): Sight => ({
  uid,
  resourceVersion: String(version),
  claim: addresses.length === 0 ? undefined : claim(key, uid, addresses),
});
const held = (ledger: Ledger, key: string): readonly string[] =>
  (ledger.get(key)?.addresses ?? []).map(formatAddress).sort();

function keeperWith(): { ledger: Ledger; keeper: LedgerKeeper; changes: ClaimChange[] } {
  const ledger = new Ledger();
  const changes: ClaimChange[] = [];
  return { ledger, keeper: new LedgerKeeper(ledger, (change) => changes.push(change)), changes };
}

describe('ledger keeper', () => {
  it('claims what was sent before it is seen, and doesn’t forget it by an older sight', () => {
    const { ledger, keeper } = keeperWith();
    keeper.observe('a/x', sight('a/x', 'u', 1, []));
    keeper.begin(claim('a/x', 'u', [address(1)]), { uid: 'u', resourceVersion: '1' });
    keeper.observe('a/x', sight('a/x', 'u', 1, []));
    assert.deepEqual(held(ledger, 'a/x'), ['192.0.2.1']);
    keeper.confirm('a/x', '2');
    assert.ok(keeper.isPending('a/x'));
    keeper.observe('a/x', sight('a/x', 'u', 2, [address(1)]));
    assert.ok(!keeper.isPending('a/x'));
    assert.deepEqual(held(ledger, 'a/x'), ['192.0.2.1']);
  });

  it('claims both the old address and the new one until it is known which', () => {
    const { ledger, keeper, changes } = keeperWith();
    keeper.observe('a/x', sight('a/x', 'u', 1, [address(1)]));
    keeper.begin(claim('a/x', 'u', [address(2)]), { uid: 'u', resourceVersion: '1' });
    assert.deepEqual(held(ledger, 'a/x'), ['192.0.2.1', '192.0.2.2']);
    keeper.confirm('a/x', '2');
    assert.deepEqual(held(ledger, 'a/x'), ['192.0.2.2']);
    assert.deepEqual(changes.at(-1)?.lost.map(formatAddress), ['192.0.2.1']);
  });

  it('takes back what the apiserver refused, but not what may be under way from an earlier attempt', () => {
    const { ledger, keeper } = keeperWith();
    keeper.observe('a/x', sight('a/x', 'u', 1, []));
    keeper.begin(claim('a/x', 'u', [address(1)]), { uid: 'u', resourceVersion: '1' });
    keeper.withdraw('a/x');
    assert.deepEqual(held(ledger, 'a/x'), []);
    keeper.begin(claim('a/x', 'u', [address(1)]), { uid: 'u', resourceVersion: '1' });
    keeper.doubt('a/x');
    keeper.begin(claim('a/x', 'u', [address(1)]), { uid: 'u', resourceVersion: '1' });
    keeper.withdraw('a/x');
    assert.deepEqual(held(ledger, 'a/x'), ['192.0.2.1']);
    keeper.observe('a/x', sight('a/x', 'u', 2, []));
    assert.deepEqual(held(ledger, 'a/x'), [], 'another version without it: it was not made and can’t be any more');
  });

  it('frees everything when the Service goes, whatever is under way', () => {
    const { ledger, keeper } = keeperWith();
    keeper.observe('a/x', sight('a/x', 'u', 1, [address(1)]));
    keeper.begin(claim('a/x', 'u', [address(2)]), { uid: 'u', resourceVersion: '1' });
    keeper.observe('a/x', undefined);
    assert.deepEqual(held(ledger, 'a/x'), []);
    keeper.confirm('a/x', '2');
    assert.deepEqual(held(ledger, 'a/x'), []);
  });

  it('knows only what was seen once it leads no more', () => {
    const { ledger, keeper } = keeperWith();
    keeper.observe('a/x', sight('a/x', 'u', 1, [address(1)]));
    keeper.begin(claim('a/x', 'u', [address(2)]), { uid: 'u', resourceVersion: '1' });
    keeper.abandon();
    assert.deepEqual(held(ledger, 'a/x'), ['192.0.2.1']);
  });

  it('never lets two Services be given one address, however writes and sights are delayed, lost or repeated', () => {
    const step = fc.record({
      act: fc.constantFrom(
        'write',
        'touch',
        'delete',
        'create',
        'arrive',
        'forbid',
        'answer',
        'lose',
        'see',
        'see',
        'repeat',
      ),
      key: fc.constantFrom('a/x', 'a/y'),
      pick: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 200 }), (steps) => {
        const ground = new Ground();
        for (const { act, key, pick } of steps) {
          ground[act](key, pick);
          ground.check();
        }
        ground.drain();
        ground.check();
        for (const [key, object] of ground.stored) {
          assert.deepEqual(held(ground.ledger, key), object.addresses.map(formatAddress).sort());
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

interface Stored {
  readonly uid: string;
  readonly version: number;
  readonly addresses: readonly Address[];
}

interface Message {
  readonly key: string;
  readonly uid: string;
  readonly base: number;
  readonly addresses: readonly Address[];
  /** Undefined while the apiserver hasn't taken it up. */
  result: number | 'outdated' | 'forbidden' | undefined;
}

/** An apiserver, a network that delays and loses, and one writer that gives the lowest free address. */
class Ground {
  readonly ledger = new Ledger();
  readonly keeper = new LedgerKeeper(this.ledger, () => undefined);
  readonly stored = new Map<string, Stored>();
  readonly #events: { key: string; object: Stored | undefined }[] = [];
  readonly #messages: Message[] = [];
  readonly #open = new Map<string, Message>();
  readonly #doubtful = new Map<string, Message>();
  readonly #known = new Map<string, Stored>();
  #version = 0;
  #uid = 0;

  #store(key: string, object: Stored | undefined): void {
    if (object === undefined) this.stored.delete(key);
    else this.stored.set(key, object);
    this.#events.push({ key, object });
  }

  create(key: string): void {
    if (!this.stored.has(key)) this.#store(key, { uid: `u${++this.#uid}`, version: ++this.#version, addresses: [] });
  }

  touch(key: string): void {
    const object = this.stored.get(key);
    if (object !== undefined) this.#store(key, { ...object, version: ++this.#version });
  }

  delete(key: string): void {
    if (this.stored.has(key)) this.#store(key, undefined);
  }

  /** The writer gives an address, or another one, to a Service as it knows it. */
  write(key: string): void {
    const object = this.#known.get(key);
    if (object === undefined || this.#open.has(key) || this.keeper.isPending(key)) return;
    let number = 0;
    while (this.ledger.holders(address(number)).length > 0) number++;
    this.#send(key, object, [address(number)]);
  }

  /** The same write once more, where its outcome isn't known and the Service is as it was. */
  repeat(key: string): void {
    const doubtful = this.#doubtful.get(key);
    const object = this.#known.get(key);
    if (doubtful === undefined || object === undefined || this.#open.has(key)) return;
    if (object.uid === doubtful.uid && object.version === doubtful.base) this.#send(key, object, doubtful.addresses);
  }

  #send(key: string, object: Stored, addresses: readonly Address[]): void {
    const message: Message = { key, uid: object.uid, base: object.version, addresses, result: undefined };
    this.keeper.begin(claim(key, object.uid, addresses), { uid: object.uid, resourceVersion: String(object.version) });
    this.#messages.push(message);
    this.#open.set(key, message);
  }

  /** A message reaches the apiserver, in any order. */
  arrive(_key: string, pick: number): void {
    const waiting = this.#messages.filter(({ result }) => result === undefined);
    const message = waiting[pick % Math.max(1, waiting.length)];
    if (message === undefined) return;
    const object = this.stored.get(message.key);
    if (object?.uid !== message.uid || object.version !== message.base) {
      message.result = 'outdated';
      return;
    }
    message.result = ++this.#version;
    this.#store(message.key, { uid: object.uid, version: message.result, addresses: message.addresses });
  }

  /** The apiserver refuses a message for a reason of its own. */
  forbid(key: string): void {
    const message = this.#open.get(key);
    if (message !== undefined && message.result === undefined) message.result = 'forbidden';
  }

  answer(key: string): void {
    const message = this.#open.get(key);
    if (message?.result === undefined) return;
    this.#open.delete(key);
    if (message.result === 'forbidden') {
      this.keeper.withdraw(key);
    } else if (message.result === 'outdated') {
      // As the reconciler does after a 409: somebody changed it, or an earlier attempt of our own got through.
      this.keeper.doubt(key);
    } else {
      this.keeper.confirm(key, String(message.result));
    }
  }

  /** No answer in time; the message itself may still arrive. */
  lose(key: string): void {
    const message = this.#open.get(key);
    if (message === undefined) return;
    this.#open.delete(key);
    this.#doubtful.set(key, message);
    this.keeper.doubt(key);
  }

  see(): void {
    const event = this.#events.shift();
    if (event === undefined) return;
    const { key, object } = event;
    if (object === undefined) this.#known.delete(key);
    else this.#known.set(key, object);
    this.keeper.observe(key, object && sight(key, object.uid, object.version, object.addresses));
  }

  drain(): void {
    for (const message of this.#messages) if (message.result === undefined) this.arrive(message.key, 0);
    for (const key of [...this.#open.keys()]) this.answer(key);
    // What is still in doubt ends with the next version, whoever makes it.
    for (const key of this.stored.keys()) this.touch(key);
    while (this.#events.length > 0) this.see();
  }

  check(): void {
    const all = [...this.stored.values()].flatMap((object) => object.addresses.map(formatAddress));
    assert.equal(new Set(all).size, all.length, `one address twice: ${all.join(' ')}`);
  }
}
