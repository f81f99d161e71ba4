import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { LabProblem } from '../problem.ts';

/** Below the range from which Linux takes ports for outgoing connections, so that none of those gets in between. */
const [lowest, highest] = [20_000, 30_000];

/**
 * A TCP port on which nobody listens at this address. Somebody else could
 * still take it before the caller does: callers retry with another one when
 * their program says that the address is in use.
 *
 * @throws LabProblem when the address isn't of this machine or fifty ports in a row are taken.
 */
export async function freePort(address: string): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(lowest, highest);
    if (await canListen(address, port)) return port;
  }
  throw new LabProblem(`Cannot find a free port on ${address}: fifty ports in a row are taken; end what holds them`);
}

/** Whether a server could listen there now. @throws LabProblem when the address isn't of this machine. */
export function canListen(address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(new LabProblem(`Cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
