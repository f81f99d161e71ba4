import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built binaries are kept between checkouts: `$BERTH_CACHE`, else `~/.cache/berth`. */
export function cacheDirectory(): string {
  return process.env.BERTH_CACHE || join(homedir(), '.cache', 'berth');
}

/** Where running labs keep what is needed to find and end them: `$BERTH_LAB_STATE`, else `/run/berth-lab`. */
export function stateDirectory(): string {
  return process.env.BERTH_LAB_STATE || '/run/berth-lab';
}

/**
 * Where nodes keep images, logs and pod volumes: `$BERTH_LAB_DATA`, else
 * `/var/lib/berth-lab`. Apart from the state, since `/run` is memory on most
 * machines and images are large.
 */
export function dataDirectory(): string {
  return process.env.BERTH_LAB_DATA || '/var/lib/berth-lab';
}

/** The environment variable that marks every process of a lab with the lab's name, so that `down` finds it. */
export const ownerVariable = 'BERTH_LAB_OWNER';
