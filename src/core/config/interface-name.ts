/** Names of network interfaces, as Linux takes them (`dev_valid_name`). */
import type { Report } from './report.ts';

/** Reports a name that no interface can have. */
export function checkInterfaceName(name: string, path: string, report: Report): void {
  if (/^[^\s/:]{1,15}$/.test(name) && name !== '.' && name !== '..') return;
  const message = 'is no name that a network interface can have';
  report.error(path, name, message, 'write up to 15 characters without spaces, "/" and ":", such as eth0');
}
