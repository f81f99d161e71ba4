/**
 * A signal that is given when the user or the system asks this process to end.
 * A second Ctrl-C changes nothing: what is under way then is the clean-up.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) process.stderr.write(`\nlab: ${name}: cleaning up\n`);
      controller.abort(new Interrupted(name));
    });
  }
  return controller.signal;
}

/** Why work ended in the middle. */
export class Interrupted extends Error {
  /** As shells report it: 128 and the number of the signal. */
  readonly exitCode: number;
  constructor(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(`interrupted by ${name}`);
    this.name = 'Interrupted';
    this.exitCode = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[name];
  }
}
