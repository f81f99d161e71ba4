/** Serves the certificate that somebody else (cert-manager) keeps in a mounted folder. */
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServingCertificate } from './serving.ts';
import { sleep } from './sleep.ts';

/** kubelet swaps a link inside the folder; where the file system reports nothing, this is how long it may take to be seen. */
const READ_AGAIN_MS = 30_000;

export interface DirectoryLog {
  info(values: object, message: string): void;
  warn(values: object, message: string): void;
}

/**
 * Reads `tls.crt` and `tls.key` of the folder, again at each change of it, until `signal` is aborted.
 * A pair that doesn't fit (the folder is half written) is passed over and read again.
 *
 * @throws Error where the folder can't be read at all at the start.
 */
export async function followDirectory(
  directory: string,
  serving: ServingCertificate,
  log: DirectoryLog,
  signal: AbortSignal,
): Promise<void> {
  let wake = Promise.withResolvers<void>();
  const watcher = watch(directory, { signal }, () => wake.resolve());
  watcher.on('error', (error) => log.warn({ err: error, directory }, 'cannot watch the certificate folder'));
  while (!signal.aborted) {
    wake = Promise.withResolvers<void>();
    await readPair(directory, serving, log);
    const pause = new AbortController();
    await Promise.race([wake.promise, sleep(READ_AGAIN_MS, AbortSignal.any([signal, pause.signal]))]);
    pause.abort();
  }
}

async function readPair(directory: string, serving: ServingCertificate, log: DirectoryLog): Promise<void> {
  try {
    const [certificate, key] = await Promise.all([
      readFile(join(directory, 'tls.crt'), 'utf8'),
      readFile(join(directory, 'tls.key'), 'utf8'),
    ]);
    const offer = serving.offer({ certificate, key });
    if (offer === 'taken') log.info({ directory }, 'serving the certificate of the folder');
    if (offer === 'mismatched')
      log.warn({ directory }, 'tls.crt and tls.key do not belong together; the one before keeps serving');
  } catch (error) {
    // The folder is empty until cert-manager has issued; readiness tells as long as nothing is served.
    log.warn({ err: error, directory }, 'cannot read the certificate folder');
  }
}
