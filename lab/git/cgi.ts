/** The head of a CGI answer (RFC 3875, 6.2). */
export interface CgiHead {
  /** 200 where the program names none. */
  readonly status: number;
  readonly headers: readonly string[];
  /** Where the body begins, in bytes. */
  readonly bodyAt: number;
}

/** Reads the head from the beginning of a CGI answer; undefined while its end hasn't come. */
export function readHead(received: Buffer): CgiHead | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  let status = 200;
  const headers: string[] = [];
  for (const line of received.toString('latin1', 0, end).split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else headers.push(name, value);
  }
  return { status, headers, bodyAt: end + 4 };
}
