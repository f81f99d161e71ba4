/**
 * The Layer 2 worker's one loop: waits on all descriptors at once, feeds what
 * arrives to the core, carries out what comes back. It never waits in any
 * other place, so a question is answered within microseconds, and a death
 * noticed in time, whatever the main thread does.
 */
import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import { Layer2, type Layer2Output } from '../../core/l2/layer2.ts';
import { Interfaces } from './interfaces.ts';
import { closeDescriptor, drainEvent, openEvent, waitReadable } from './libc.ts';
import { LinkMonitor } from './link-monitor.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { PeersLine } from './peers-line.ts';

/** Bounds how late a timer or a lost wake-up can be. */
const LONGEST_WAIT_MS = 100;
const COUNTS_EVERY_MS = 1_000;
/** Later by this much than it should be: it stood still (SIGSTOP, a starved machine). */
const STALL_MS = 100;
/** How long a hand-over may take before the process ends all the same. */
const DRAIN_WITHIN_MS = 2_000;

export class Loop {
  readonly #port: MessagePort;
  readonly #core: Layer2;
  readonly #event = openEvent();
  readonly #monitor = new LinkMonitor();
  readonly #interfaces: Interfaces;
  readonly #peers: PeersLine | undefined;
  #drainUntil: number | undefined;
  #countsAt = 0;
  #wokeAt = now();

  constructor(port: MessagePort, settings: WorkerSettings) {
    this.#port = port;
    const { node, membership } = settings;
    // The wall clock is read once: which life of this node's speaker it is.
    this.#core = new Layer2(node, membership && Date.now(), now());
    this.#peers = membership && new PeersLine(membership.port, membership.keys, this.#core.engine.counters);
    this.#interfaces = new Interfaces((name, error) => this.#tell({ kind: 'trouble', interface: name, error }));
  }

  /** Runs until told to stop and everything is handed over. */
  run(): void {
    this.#tell({ kind: 'ready', wakeDescriptor: this.#event });
    this.#changeLinks();
    while (!this.#isDone()) this.#turn();
    this.#carryOut(this.#core.leave(now()));
    this.#tellCounts();
    this.#interfaces.close();
    this.#peers?.close();
    this.#monitor.close();
    closeDescriptor(this.#event);
    this.#tell({ kind: 'stopped' });
  }

  #isDone(): boolean {
    return this.#drainUntil !== undefined && (this.#core.isDrained || now() >= this.#drainUntil);
  }

  #turn(): void {
    const wait = Math.max(0, Math.ceil(Math.min(LONGEST_WAIT_MS, this.#core.wakeAt - now())));
    const fds = [this.#event, this.#monitor.fd, ...(this.#peers?.fds ?? []), ...this.#interfaces.fds];
    const ready = waitReadable(fds, wait);
    this.#noticeStall(wait);
    for (const fd of ready) this.#read(fd);
    this.#takeMessages();
    this.#noticeStall(0);
    this.#carryOut(this.#core.tick(now()));
    if (now() >= this.#countsAt) this.#tellCounts();
  }

  /** Before one more question is answered or one more peer judged: somebody else may have taken over meanwhile. */
  #noticeStall(allowedMs: number): void {
    const late = now() - this.#wokeAt - allowedMs;
    this.#wokeAt = now();
    if (late < STALL_MS) return;
    this.#carryOut(this.#core.stalled(late, now()));
    this.#tell({ kind: 'stalled', ms: Math.round(late) });
  }

  #read(fd: number): void {
    if (fd === this.#event) drainEvent(fd);
    else if (fd === this.#monitor.fd) {
      if (this.#monitor.drain()) this.#changeLinks();
    } else if (this.#peers?.fds.includes(fd) === true) this.#hearPeers(this.#peers, fd);
    else {
      this.#interfaces.guard(this.#interfaces.of(fd), (sockets) =>
        sockets.receive(fd, (frame) => {
          // Also between two frames of one turn: a process may be stopped anywhere.
          this.#noticeStall(0);
          this.#carryOut(this.#core.frame(sockets.link.index, frame, now()));
        }),
      );
    }
  }

  #hearPeers(peers: PeersLine, fd: number): void {
    peers.receive(fd, (message) => {
      const { outputs, fault } = this.#core.message(message, now());
      if (fault !== undefined) this.#core.engine.counters.peerFault(fault);
      this.#carryOut(outputs);
    });
  }

  #takeMessages(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { message: ToWorker } | undefined;
      if (received === undefined) return;
      this.#obey(received.message);
    }
  }

  #obey(message: ToWorker): void {
    switch (message.kind) {
      case 'plan':
        this.#carryOut(this.#core.changePlan(message.change, now()));
        this.#tell({ kind: 'planned' });
        break;
      case 'members': {
        this.#peers?.setMembers(message.members);
        const names = message.members.map((each) => each.node);
        this.#carryOut(this.#core.changeMembers(names, now()));
        break;
      }
      case 'keys':
        this.#peers?.setKeys(message.keys);
        break;
      case 'stop':
        this.#drainUntil = now() + DRAIN_WITHIN_MS;
        this.#carryOut(this.#core.drain(now()));
        break;
    }
  }

  #changeLinks(): void {
    const links = this.#monitor.read();
    this.#interfaces.change(links);
    this.#carryOut(this.#core.changeLinks(links, now()));
  }

  #carryOut(outputs: readonly Layer2Output[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case 'listen':
          for (const sockets of this.#interfaces.all) {
            const interest = this.#core.engine.interest(sockets.link.index);
            this.#interfaces.guard(sockets, () => sockets.listen(interest));
          }
          break;
        case 'send':
          this.#interfaces.send(output.link, output.frame);
          break;
        case 'tell':
          this.#peers?.send(output.to, output.message);
          break;
        case 'report':
          this.#tell({ kind: 'report', report: output.report });
          break;
        case 'verdict':
          this.#tell(output);
          break;
      }
    }
  }

  #tellCounts(): void {
    this.#countsAt = now() + COUNTS_EVERY_MS;
    for (const sockets of this.#interfaces.all) {
      this.#interfaces.guard(sockets, () => {
        const dropped = sockets.takeDropped();
        if (dropped > 0) this.#core.engine.counters.ignore('queue-full', dropped);
      });
    }
    const delta = this.#core.engine.counters.take();
    if (delta !== undefined) this.#tell({ kind: 'counted', delta });
  }

  #tell(message: FromWorker): void {
    this.#port.postMessage(message);
  }
}

/** Monotonic: a clock that jumps moves nothing here. */
function now(): number {
  return performance.now();
}
