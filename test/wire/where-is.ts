import { execFileSync } from 'node:child_process';
import { ip } from './namespaces.ts';

/** Hardware address under which a client finds an address; undefined while it finds none. */
export function whereIs(client: string, address: string): string | undefined {
  execFileSync('ip', ['netns', 'exec', client, 'bash', '-c', `echo > /dev/udp/${address}/9`]);
  const table = JSON.parse(ip('-n', client, '-json', 'neighbour', 'show', 'dev', 'eth0')) as {
    dst: string;
    lladdr?: string;
  }[];
  return table.find((each) => each.dst === address)?.lladdr;
}
