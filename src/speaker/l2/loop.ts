/**
 * The Layer 2 worker's one loop: waits on all descriptors at once, feeds what
 * arrives to the engine, carries out what comes back. It never waits in any
 * other place, so a question is answered within microseconds whatever the main
 * thread does.
 */
import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import { Engine } from '../../core/l2/engine.ts';
import type { Output } from '../../core/l2/output.ts';
import { GroupMemberships } from './group-membership.ts';
import { closeDescriptor, drainEvent, errno, openEvent, SystemCallError, waitReadable } from './libc.ts';
import { LinkMonitor } from './link-monitor.ts';
import { LinkSockets } from './link-sockets.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';

/** Bounds how late a timer or a lost wake-up can be. */
const LONGEST_WAIT_MS = 100;
const COUNTS_EVERY_MS = 1_000;

export class Loop {
  readonly #port: MessagePort;
  readonly #engine: Engine;
  readonly #event = openEvent();
  readonly #monitor = new LinkMonitor();
  readonly #memberships = new GroupMemberships();
  readonly #sockets = new Map<number, LinkSockets>();
  readonly #byDescriptor = new Map<number, LinkSockets>();
  #isStopping = false;
  #countsAt = 0;

  constructor(port: MessagePort, settings: WorkerSettings) {
    this.#port = port;
    this.#engine = new Engine(settings.node);
  }

  /** Runs until told to stop. */
  run(): void {
    this.#tell({ kind: 'ready', wakeDescriptor: this.#event });
    this.#changeLinks();
    while (!this.#isStopping) this.#turn();
    for (const sockets of this.#sockets.values()) sockets.close();
    this.#memberships.close();
    this.#monitor.close();
    closeDescriptor(this.#event);
    this.#tell({ kind: 'stopped' });
  }

  #turn(): void {
    const due = Math.min(LONGEST_WAIT_MS, this.#engine.wakeAt - now());
    const fds = [this.#event, this.#monitor.fd, ...this.#byDescriptor.keys()];
    for (const fd of waitReadable(fds, Math.max(0, Math.ceil(due)))) {
      if (fd === this.#event) drainEvent(fd);
      else if (fd === this.#monitor.fd) {
        if (this.#monitor.drain()) this.#changeLinks();
      } else this.#receive(fd);
    }
    this.#takeMessages();
    this.#carryOut(this.#engine.tick(now()));
    this.#tellCounts();
  }

  #receive(fd: number): void {
    const sockets = this.#byDescriptor.get(fd);
    if (sockets === undefined) return;
    try {
      sockets.receive(fd, (frame) => this.#carryOut(this.#engine.frame(sockets.link.index, frame, now())));
    } catch (error) {
      this.#trouble(sockets, error);
    }
  }

  #takeMessages(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { message: ToWorker } | undefined;
      if (received === undefined) return;
      switch (received.message.kind) {
        case 'plan':
          this.#carryOut(this.#engine.changePlan(received.message.change, now()));
          this.#tell({ kind: 'planned' });
          break;
        case 'stop':
          this.#isStopping = true;
          break;
      }
    }
  }

  #changeLinks(): void {
    const links = this.#monitor.read();
    const usable = new Map(links.filter((each) => each.canAnnounce).map((each) => [each.index, each]));
    for (const [index, sockets] of this.#sockets) {
      const link = usable.get(index);
      if (link?.name !== sockets.link.name) this.#close(sockets);
    }
    for (const link of usable.values()) {
      if (this.#sockets.has(link.index)) continue;
      try {
        const sockets = new LinkSockets(link, this.#memberships);
        this.#sockets.set(link.index, sockets);
        for (const fd of sockets.fds) this.#byDescriptor.set(fd, sockets);
      } catch (error) {
        // ENODEV: it went while we opened it; the kernel's next notice says so.
        if (!(error instanceof SystemCallError)) throw error;
        this.#tell({ kind: 'trouble', interface: link.name, error: error.message });
      }
    }
    this.#carryOut(this.#engine.changeLinks(links, now()));
  }

  #close(sockets: LinkSockets): void {
    this.#sockets.delete(sockets.link.index);
    for (const fd of sockets.fds) this.#byDescriptor.delete(fd);
    sockets.close();
  }

  #carryOut(outputs: readonly Output[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case 'listen':
          for (const sockets of this.#sockets.values()) {
            this.#guard(sockets, () => sockets.listen(this.#engine.interest(sockets.link.index)));
          }
          break;
        case 'send': {
          const sockets = this.#sockets.get(output.link);
          if (sockets !== undefined) this.#guard(sockets, () => sockets.send(output.frame));
          break;
        }
        case 'report':
          this.#tell({ kind: 'report', report: output.report });
          break;
      }
    }
  }

  #guard(sockets: LinkSockets, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#trouble(sockets, error);
    }
  }

  /** An interface that fails costs itself only: netlink tells when it is back. */
  #trouble(sockets: LinkSockets, error: unknown): void {
    if (!(error instanceof SystemCallError)) throw error;
    // A full queue drops a frame, as a wire does; the next announcement is not far.
    if (error.errno === errno.ENOBUFS || error.errno === errno.EAGAIN) return;
    this.#tell({ kind: 'trouble', interface: sockets.link.name, error: error.message });
  }

  #tellCounts(): void {
    if (now() < this.#countsAt) return;
    this.#countsAt = now() + COUNTS_EVERY_MS;
    const delta = this.#engine.counters.take();
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
